"""Real values of the patterns, counted from a folder of data: arms network, disputes, spending.

Each function takes what `analysis.observed` read and returns a `Real`, or None where the folder
holds nothing to count it from. No file is known by its name.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..analysis.observed import Observed
from ..results.intervals import wilson

YEARS = 25
"""Of the arms network, the last of its file."""
ERAS = (1914, 1946)
"""Years in which the second and the third era of disputes begin."""
TOP = 5
"""Exporters whose share of the volume is counted."""
TEST_YEARS = 12
"""Over which launches a year are counted, the last full ones."""
RECENT = 3
"""Years of spending's share of output, the last of its file."""
TENTH = 10
"""Trials of a type after which it counts as tried."""
NEAR = 21
"""Days between two claims that are compared."""
TWO_YEARS = 104.0 * 7.0
LEVEL = 0.9


@dataclass(frozen=True)
class Real:
    """A real value: `low` to `high` is its 90 % interval, or the range over `basis`.

    - `basis`: what it was counted from, in a few words.
    """

    value: float
    low: float
    high: float
    basis: str


def network(trade: pd.DataFrame) -> pd.DataFrame:
    """Return density, reciprocity and so on of each year's network of deliveries.

    States are those that deliver or receive in that year. Transitivity is the share of two-paths
    from one state to another that have a direct tie too. Persistence is the share of the year's
    ties that were there the year before.

    Args:
        trade: Rows of supplier, recipient, year and volume.
    """
    rows = {}
    before: set[tuple[float, float]] = set()
    for year, part in _ties(trade).groupby("year"):
        ties = set(zip(part["supplier_cown"], part["recipient_cown"], strict=True))
        states = sorted({state for tie in ties for state in tie})
        place = {state: index for index, state in enumerate(states)}
        table = np.zeros((len(states), len(states)))
        for one, other in ties:
            table[place[one], place[other]] = 1.0
        paths = table @ table
        np.fill_diagonal(paths, 0.0)
        density = len(ties) / max(len(states) * (len(states) - 1), 1)
        by_supplier = np.sort(part.groupby("supplier_cown")["tiv_million"].sum())[::-1]
        rows[year] = {
            "states": len(states),
            "density": density,
            "reciprocity": (table * table.T).sum() / len(ties) / density,
            "transitivity": (paths * table).sum() / max(paths.sum(), 1.0) / density,
            "top": by_supplier[:TOP].sum() / by_supplier.sum(),
            "persistence": len(ties & before) / len(ties) if before else np.nan,
        }
        before = ties
    return pd.DataFrame(rows).T


def _ties(trade: pd.DataFrame) -> pd.DataFrame:
    """Return deliveries above 0 between two states that have a number each."""
    known = trade.dropna(subset=["supplier_cown", "recipient_cown"])
    between = known["supplier_cown"] != known["recipient_cown"]
    return known[between & (known["tiv_million"] > 0.0)]


def of_network(column: str) -> Callable[[Observed], Real | None]:
    """Return what counts one column of `network`: its median and range over the last years.

    Args:
        column: Of `network`.
    """

    def count(data: Observed) -> Real | None:
        trade = data.frame("deliveries")
        if trade is None or trade.empty:
            return None
        years = network(trade).iloc[-YEARS:]
        five, middle, most = np.nanpercentile(years[column], (5, 50, 95))
        span = f"{years.index.min():.0f}-{years.index.max():.0f}"
        states = f"{years['states'].median():.0f} states"
        return Real(float(middle), float(five), float(most), f"{len(years)} years {span}, {states}")

    return count


def pact_odds(data: Observed) -> Real | None:
    """Return the odds ratio of a delivery with a defence pact to one without.

    Args:
        data: The folder; of pacts and deliveries the years that both have.
    """
    trade, pacts = data.frame("deliveries"), data.frame("pacts")
    if trade is None or pacts is None:
        return None
    ties, bound = _ties(trade), pacts[pacts["atop_defense"] == 1]
    counts = np.zeros((2, 2))  # [pact, tie]
    years = sorted(set(ties["year"]) & set(bound["year"]))
    for year in years:
        part, agreed = ties[ties["year"] == year], bound[bound["year"] == year]
        there = set(zip(part["supplier_cown"], part["recipient_cown"], strict=True))
        states = sorted({state for tie in there for state in tie})
        pairs = {frozenset(pair) for pair in zip(agreed["ccode1"], agreed["ccode2"], strict=True)}
        for one in states:
            for other in states:
                if one != other:
                    counts[int(frozenset((one, other)) in pairs), int((one, other) in there)] += 1
    if not years or (counts == 0.0).any():
        return None
    middle = float(np.log(counts[1, 1] * counts[0, 0] / counts[1, 0] / counts[0, 1]))
    half = 1.645 * float(np.sqrt((1.0 / counts).sum()))
    named = ", ".join(f"{year:.0f}" for year in years)
    basis = f"ordered pairs of the network of {named}"
    low, value, high = (float(np.exp(middle + step)) for step in (-half, 0.0, half))
    return Real(value, low, high, basis)


def share_at(level: int) -> Callable[[Observed], Real | None]:
    """Return what counts the share of militarised disputes whose highest level it is.

    Args:
        level: 2 to 5.
    """

    def count(data: Observed) -> Real | None:
        table = data.frame("disputes")
        if table is None:
            return None
        table = table[table["hostlev"] >= 2]
        hit = table["hostlev"] == level
        by_era = hit.groupby(np.digitize(table["styear"], ERAS)).mean()
        eras = ", ".join(f"{value:.3f}" for value in by_era)
        basis = f"{len(table)} disputes; by era (1914, 1946) {eras}"
        return share(int(hit.sum()), len(table), basis)

    return count


def share(hits: int, count: int, basis: str) -> Real | None:
    """Return a share with its binomial interval; None of nothing.

    Args:
        hits: How many.
        count: Of how many.
        basis: What they are.
    """
    return Real(hits / count, *wilson(hits, count, LEVEL), basis) if count else None


def dispute_weeks(data: Observed) -> Real | None:
    """Return the median duration of disputes in weeks; its range is by least and greatest days.

    Args:
        data: The folder.
    """
    table = data.frame("disputes")
    if table is None:
        return None
    table = table[table["hostlev"] >= 2]
    least, most = table["mindur"], table["maxdur"]
    low, value, high = (float(days.median()) / 7.0 for days in (least, (least + most) / 2.0, most))
    return Real(value, low, high, f"{len(table)} disputes")


def _constant(table: pd.DataFrame) -> str:
    """Return the column of spending in constant prices."""
    return next(str(name) for name in table if str(name).startswith("milex_constant"))


def growth(statistic: str) -> Callable[[Observed], Real | None]:
    """Return what computes the median or the standard deviation of yearly log growth.

    Args:
        statistic: `median` or `std`; its interval is a bootstrap over countries.
    """

    def count(data: Observed) -> Real | None:
        table = data.frame("spending")
        if table is None:
            return None
        table = table.sort_values(["country", "year"])
        logs = np.log(table[_constant(table)].where(lambda x: x > 0.0))
        grown = (
            logs.groupby(table["country"])
            .diff()
            .where(table.groupby("country")["year"].diff() == 1)
        )
        by_country = [part.dropna().to_numpy() for _, part in grown.groupby(table["country"])]
        by_country = [part for part in by_country if len(part)]
        of = np.median if statistic == "median" else np.std
        rng = np.random.default_rng(0)
        drawn = [
            of(
                np.concatenate(
                    [by_country[k] for k in rng.integers(0, len(by_country), len(by_country))]
                )
            )
            for _ in range(400)
        ]
        low, high = np.percentile(drawn, (5, 95))
        every = np.concatenate(by_country)
        basis = f"{len(every)} years of {len(by_country)} states"
        return Real(float(of(every)), float(low), float(high), basis)

    return count


def burden(at_war: Collection[str], fighting: bool) -> Callable[[Observed], Real | None]:
    """Return what computes the median share of output that goes on the military, in per cent.

    Args:
        at_war: Names of the belligerents.
        fighting: Whether theirs is computed, or that of the others.
    """

    def count(data: Observed) -> Real | None:
        table = data.frame("spending")
        if table is None:
            return None
        table = table[table["year"] > table["year"].max() - RECENT].dropna(subset=["milex_pct_gdp"])
        part = table[table["country"].isin(at_war) == fighting]
        if part.empty:
            return None
        years = part.groupby("year")["milex_pct_gdp"].median()
        span = f"{years.index.min()}-{years.index.max()}, {part['country'].nunique()} states"
        return Real(
            float(part["milex_pct_gdp"].median()), float(years.min()), float(years.max()), span
        )

    return count


def yearly(table: pd.DataFrame) -> pd.Series:
    """Return how many events each full year has; a year is full if the file reaches its December.

    Args:
        table: Observations, an event each.
    """
    years = table["date"].dt.year
    last = int(years.max()) - int(table["date"].max().month < 12)
    return years.value_counts().reindex(range(int(years.min()), last + 1), fill_value=0)


def dispersion(data: Observed) -> Real | None:
    """Return the variance of yearly launches of all kinds over their mean; 1 if by pure chance.

    Args:
        data: The folder.
    """
    table = pd.concat([data.of("tests"), data.of("launches")])
    if table.empty:
        return None
    counts = yearly(table).iloc[-TEST_YEARS:]
    rng = np.random.default_rng(0)
    drawn = rng.choice(counts.to_numpy(), (400, len(counts)))
    ratios = drawn.var(axis=1, ddof=1) / np.maximum(drawn.mean(axis=1), 1e-9)
    low, high = np.percentile(ratios, (5, 95))
    span = f"{counts.index.min()}-{counts.index.max()}"
    return Real(float(counts.var(ddof=1) / counts.mean()), float(low), float(high), span)


def learning(data: Observed) -> Real | None:
    """Return by how much more often a type succeeds after its tenth trial than at the first.

    Args:
        data: The folder; trials of types without a name or an outcome are left out.
    """
    table = data.of("tests")
    table = table[(table["item"] != "unknown") & (table["outcome"] != "unknown")]
    trial = table.groupby("item").cumcount()
    good = (table["outcome"] == "success").to_numpy(np.float64)
    first, later = good[trial == 0], good[trial >= TENTH]
    if not len(first) or not len(later):
        return None
    return difference(first, later, f"{len(first)} first trials, {len(later)} after the tenth")


def difference(first: np.ndarray, later: np.ndarray, basis: str) -> Real:
    """Return the difference of two shares with its 90 % interval (Newcombe 1998).

    Args:
        first: 0 or 1 each.
        later: 0 or 1 each.
        basis: What they are.
    """
    a, b = float(first.mean()), float(later.mean())
    a_low, a_high = wilson(int(first.sum()), len(first), LEVEL)
    b_low, b_high = wilson(int(later.sum()), len(later), LEVEL)
    low = b - a - float(np.hypot(b - b_low, a_high - a))
    high = b - a + float(np.hypot(b_high - b, a - a_low))
    return Real(b - a, low, high, basis)


def satellites(data: Observed) -> Real | None:
    """Return by how much more often tests succeed than launches of satellites.

    Args:
        data: The folder; unknown outcomes are left out.
    """
    parts = []
    for quantity in ("launches", "tests"):
        known = data.of(quantity).query("outcome != 'unknown'")
        parts.append((known["outcome"] == "success").to_numpy(np.float64))
    if not all(map(len, parts)):
        return None
    return difference(parts[0], parts[1], f"{len(parts[0])} launches, {len(parts[1])} tests")


def fall(data: Observed) -> Real | None:
    """Return the flow two years after its peak over the peak, by the busiest issuer's claims.

    None until claims reach two years beyond their peak: the flow cannot have fallen yet.

    Args:
        data: The folder.
    """
    table = data.of("containers").query("kind == 'claim'")
    if table.empty:
        return None
    own = table[table["issuer"] == table["issuer"].mode()[0]]
    days = own["date"].map(pd.Timestamp.toordinal).to_numpy(np.float64)
    values = own["value"].to_numpy(np.float64)
    far = np.diff(days) > 14.0
    if not far.any():
        return None
    rates = (np.diff(values) / np.maximum(np.diff(days), 1.0))[far]
    middles = ((days[1:] + days[:-1]) / 2.0)[far]
    peak = int(np.argmax(rates))
    later = rates[middles >= middles[peak] + TWO_YEARS]
    if not len(later) or rates[peak] <= 0.0:
        return None
    ends = later / rates[peak]
    basis = f"{len(rates)} intervals between claims of {own['issuer'].iloc[0]}"
    return Real(float(ends[0]), float(ends.min()), float(ends.max()), basis)


def disagreement(data: Observed) -> Real | None:
    """Return how many times the higher of two claims of one flow is the lower, within NEAR days.

    Args:
        data: The folder.
    """
    table = data.of("containers").query("kind == 'claim'").to_dict("records")
    ratios = [
        max(a["value"], b["value"]) / min(a["value"], b["value"])
        for place, a in enumerate(table)
        for b in table[place + 1 :]
        if a["issuer"] != b["issuer"] and abs((b["date"] - a["date"]).days) <= NEAR
    ]
    if not ratios:
        return None
    basis = f"{len(ratios)} pairs of claims within {NEAR} days"
    return Real(float(np.median(ratios)), min(ratios), max(ratios), basis)


def vetoes(after: bool) -> Callable[[Observed], Real | None]:
    """Return what counts the share of drafts that fall to a veto, before or after trade began.

    Args:
        after: Whether after the first claim of containers.
    """

    def count(data: Observed) -> Real | None:
        drafts, trade = data.of("votes"), data.of("containers")
        if drafts.empty or trade.empty:
            return None
        part = drafts[(drafts["date"] >= trade["date"].min()) == after]
        return share(int((part["outcome"] == "vetoed").sum()), len(part), f"{len(part)} drafts")

    return count
