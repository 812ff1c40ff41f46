"""What happened, in five sentences made from the numbers of the runs.

Every number is a median over runs with its 5-95 % range, or a share of runs with Wilson's 95 %
interval. What a sentence is about follows from the numbers too: the largest flow, the largest
change of a stock, the technology that grew most, whatever the scenario.
"""

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

from ..results import wilson

if TYPE_CHECKING:
    import pandas as pd

    from ..results import Results
    from ..scenario import Scenario

MEANS = ("cash", "goods", "technology")
DISPLAY = 3
"""The level from which a dispute is militarised by more than words."""

LONGEST_SUPPLY = 520.0
"""Weeks at which the metric `supply` ends."""


@dataclass(frozen=True)
class Played:
    """The runs that did not fail, and the scenario that they played."""

    scenario: "Scenario"
    runs: "pd.DataFrame"

    def name(self, state: str) -> str:
        """A state's name with its code."""
        name = self.scenario.spec.states[state].name
        return f"{name} ({state})" if name else state

    def everybody(self, metric: str) -> "pd.Series":
        """A metric of states summed over weeks and over states, a value a run."""
        return self.runs[[f"{metric}_{code}_sum" for code in self.scenario.states]].sum(axis=1)

    def start(self, path: str, given: float) -> "pd.Series":
        """A number of the scenario in each run: what it drew, or what is given."""
        import pandas as pd

        drawn = self.runs.get(path)
        return pd.Series(given, self.runs.index) if drawn is None else drawn

    def routes(self, metric: str) -> "dict[tuple[str, str], pd.Series]":
        """A metric of routes at the end, a value a run."""
        return {(i, j): self.runs[f"{metric}_{i}_{j}_last"] for i, j in self.scenario.routes}


def sentences(results: "Results") -> tuple[str, ...]:
    """Five sentences about the runs that did not fail; none where all of them failed."""
    good = results.runs[results.runs["status"] == "ok"]
    if good.empty:
        return ()
    played = Played(results.scenario, good)
    flow = _largest_flow(played)
    return (
        _shipped(played, flow),
        _stocked(played, flow),
        _learned(played),
        _published(played),
        _fought(played),
    )


def number(value: float) -> str:
    """A number to three figures, with thousands apart: 27,600."""
    if abs(value) < 100.0:
        return f"{value:.3g}"
    digits = 2 - floor(log10(abs(value)))
    return f"{round(value, digits):,.0f}"


def spread(values: "pd.Series", unit: str, brief: bool = False) -> str:
    """The median of something with its range over runs: 27,600 containers (in 90 % of ...).

    `brief` where the sentence said already what the range is.
    """
    low, middle, high = (number(float(values.quantile(q))) for q in (0.05, 0.5, 0.95))
    if len(values) == 1:
        return f"{middle}{unit}" + ("" if brief else " (in the only run)")
    if low == high:
        return f"{middle}{unit} (the same in 90 % of runs)"
    if brief:
        return f"{middle}{unit} ({low} to {high})"
    return f"{middle}{unit} (in 90 % of runs between {low} and {high})"


def share(happened: "pd.Series") -> str:
    """In how many runs something happened, with Wilson's 95 % interval: bool a run."""
    times, runs = int(happened.sum()), len(happened)
    low, high = wilson(times, runs)
    return f"{times} of {_many(runs, 'run')} (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")


def _none(count: int, thing: str) -> str:
    return f"the only {thing}" if count == 1 else f"any of the {count} {thing}s"


def _largest_flow(played: Played) -> tuple[str, str] | None:
    """The route on which the median run shipped most, None where nothing was shipped."""
    shipped = played.routes("containers")
    busy = [route for route, amount in shipped.items() if amount.max() > 0.0]
    return max(busy, key=lambda r: (shipped[r].median(), shipped[r].mean()), default=None)


def _shipped(played: Played, flow: tuple[str, str] | None) -> str:
    if flow is None:
        routes = _none(len(played.scenario.routes), "route")
        return f"Nothing was shipped on {routes} in {_none(len(played.runs), 'run')}."
    supplier, recipient = flow
    shipped = played.routes("containers")[flow]
    delivered = played.routes("containers_delivered")[flow]
    return (
        f"The largest flow of munitions went from {played.name(supplier)} to "
        f"{played.name(recipient)}: {spread(shipped, ' containers')} left in "
        f"{played.scenario.weeks} weeks, and {spread(delivered, ' containers', brief=True)} had "
        "arrived fit for use by the end."
    )


def _changes(played: Played, states: tuple[str, ...]) -> "dict[tuple[str, str], pd.Series]":
    """How each stock changed from the start to the end, by state and munition."""
    given = played.scenario.spec.states
    return {
        (code, k): played.runs[f"stock_{k}_{code}_last"]
        - played.start(f"states.{code}.stock.{k}", given[code].stock.get(k, 0.0))
        for code in states
        for k in played.scenario.munitions
    }


def _stocked(played: Played, flow: tuple[str, str] | None) -> str:
    scenario = played.scenario
    changes = _changes(played, scenario.states if flow is None else flow[:1])
    prices = {k: munition.price for k, munition in scenario.spec.munitions.items()}
    code, k = max(changes, key=lambda key: abs(changes[key].median()) * prices[key[1]])
    change = changes[code, k]
    if change.abs().max() == 0.0:
        return f"No stock changed in {_none(len(change), 'run')}."
    fell = change.median() < 0.0
    unit = f" {scenario.spec.munitions[k].unit or 'units'}"
    left = played.runs[f"stock_{k}_{code}_last"]
    told = (
        f"the stock of {_words(k)} in {played.name(code)} {'fell' if fell else 'rose'} by "
        f"{spread(-change if fell else change, unit)} to {spread(left, '', brief=True)}"
    )
    if flow is None:
        return f"Of all stocks one changed most in value: {told}."
    supply = played.runs[f"supply_{k}_{flow[1]}_last"]
    weeks = spread(supply, " weeks of supply", brief=True)
    if supply.quantile(0.05) >= LONGEST_SUPPLY:
        weeks = f"{number(LONGEST_SUPPLY)} weeks of supply or more (in 90 % of runs)"
    return f"{_paid(played, flow)}; {told}, and {played.name(flow[1])} was left with {weeks} of it."


def _paid(played: Played, flow: tuple[str, str]) -> str:
    paid = {way: played.routes(f"paid_{way}")[flow] for way in MEANS}
    total = sum(paid.values(), start=0.0 * paid["cash"])
    if total.max() <= 0.0:
        return "Nothing was paid for it"
    some = total > 0.0
    part = 100.0 * paid["technology"][some] / total[some]
    return (
        f"For it {spread(total, ' billion US dollars')} were paid, "
        f"{spread(part, ' %', brief=True)} of that in technology"
    )


def _learned(played: Played) -> str:
    scenario = played.scenario
    gains = {
        (code, d): played.runs[f"tech_{d}_{code}_last"]
        - played.start(f"states.{code}.tech.{d}", scenario.spec.states[code].tech.get(d, 0.0))
        for code in scenario.states
        for d in scenario.technologies
    }
    code, d = max(gains, key=lambda key: gains[key].median())
    level = played.runs[f"tech_{d}_{code}_last"]
    if gains[code, d].median() > 0.0:
        grown = (
            f"Technology grew most in {played.name(code)}, whose {_words(d)} level rose by "
            f"{spread(gains[code, d], '')} to {spread(level, '', brief=True)}, "
            "where 1 is the frontier at the start"
        )
    else:
        grown = f"No technology grew in the median of {_many(len(played.runs), 'run')}"
    return f"{grown}; {_tested(played)}."


def _tested(played: Played) -> str:
    tried = {
        code: played.runs[f"tests_{code}_sum"] + played.runs[f"launches_{code}_sum"]
        for code in played.scenario.states
    }
    code = max(tried, key=lambda code: (tried[code].median(), tried[code].mean()))
    if tried[code].max() <= 0.0:
        return "nobody tested a weapon or launched a satellite in any run"
    runs = played.runs
    failed = runs[f"test_failures_{code}_sum"] + runs[f"launch_failures_{code}_sum"]
    tests = spread(runs[f"tests_{code}_sum"], " weapon tests", brief=True)
    launches = spread(runs[f"launches_{code}_sum"], " satellite launches", brief=True)
    return (
        f"most trials were those of {played.name(code)}, {tests} and {launches}, "
        f"of which {spread(failed, '', brief=True)} failed"
    )


def _published(played: Played) -> str:
    said, denied = played.everybody("disclosures"), played.everybody("denials")
    vetoed = share(played.everybody("vetoes") > 0.0)
    told = (
        f"Evidence of shipments was published {spread(said, ' times')} and denied "
        f"{spread(denied, ' times', brief=True)}"
        if said.max() > 0.0
        else f"Nobody published evidence of a shipment in {_none(len(said), 'run')}"
    )
    return f"{told}; a veto was cast in the Council in {vetoed}."


def _fought(played: Played) -> str:
    militarised = share(played.runs["level_new_max"] >= DISPLAY)
    onsets = share(played.runs["war_onsets_sum"] > 0.0)
    return (
        f"{_casualties(played)}; a new dispute came to a display of force or worse in "
        f"{militarised}, and a new war broke out in {onsets}."
    )


def _casualties(played: Played) -> str:
    """What war cost the two states that it cost most."""
    lost = {code: played.runs[f"losses_{code}_last"] for code in played.scenario.states}
    hit = sorted((c for c in lost if lost[c].max() > 0.0), key=lambda c: -lost[c].median())[:2]
    if not hit:
        return f"No state lost soldiers in {_none(len(played.runs), 'run')}"
    wars = played.scenario.spec.relations.wars
    what = "The war with which the scenario begins" if len(wars) == 1 else "War"
    costs = " and ".join(
        f"{played.name(code)} {spread(lost[code], ' thousand casualties', brief=place > 0)}"
        for place, code in enumerate(hit)
    )
    return f"{what} cost {costs}"


def _words(code: str) -> str:
    return code.replace("_", " ")
