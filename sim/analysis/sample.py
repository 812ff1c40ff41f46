"""What of the data a calibration uses, and how a run would have been reported.

The model is not compared with the data as if these were the truth. What a run did is passed through
the errors that reports have, so that it becomes the same numbers as the data:

- claims of containers: the model's own error (an AR(1) on the log of the weekly flow), the issuer's
  bias, an error that an issuer's later claims share, rounding to the digits that the claim has;
- losses per month, claimed by the other side: a bias, a trend of the bias, an AR(1) between months;
- tests per quarter: a count by another definition (a bias), an error of each quarter.

The sizes of these errors are uncertain themselves: each run draws them (`ERRORS`), and they have a
posterior as the model's own numbers have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, log10, sqrt

import numpy as np
from jaxtyping import Float64
from scipy.stats import norm

from ..scenario import Scenario
from ..scenario.problems import ScenarioError
from .observed import Observed

ROUTE, LOSER, TESTER = ("PRK", "RUS"), "RUS", "PRK"
"""Whose containers, losses and tests the data are about."""
SOURCES = {"containers": "claims", "losses": "losses", "tests": "tests"}
"""What is used, by quantity, and the kind of file that holds it."""
ERRORS: dict[str, tuple[float, float, str]] = {
    "error.flow": (0.0, 0.4, "half-normal, sd of the log flow's AR(1): what the model lacks"),
    "error.losses_bias": (0.1, 0.3, "normal, log: a belligerent's claim of the other's losses"),
    "error.losses_trend": (0.0, 0.35, "normal, log per year: that bias need not be constant"),
    "error.losses": (0.0, 0.25, "half-normal, sd of the log of a month's losses, an AR(1)"),
    "error.tests_bias": (0.0, 0.2, "normal, log: counts differ by what counts as a test"),
    "error.tests": (0.0, 0.4, "half-normal, sd of the log of a quarter's count"),
}
"""Uncertain sizes of errors: centre, scale, law. All chosen; docs/decisions.md says how."""
ISSUER = (0.0, 0.3)
"""Of the log bias of an issuer that is no observer of the scenario with a prior of its own."""
FLOW_MEMORY, CLAIM_MEMORY, MONTH_MEMORY = 13.0, 26.0, 2.0
"""Weeks, weeks and months in which the correlation of an error falls to 1 / e."""
CLAIM_ERROR = 0.15
"""Standard deviation of the log of a claim, beside the issuer's bias."""
FEW = 50.0
"""Containers added before a logarithm is taken: nothing is said about less."""
LITTLE = 0.1
"""The same of a month's losses, thousands."""
LAST_MONTH = 31
"""Days before its end at which a record of tests may stop and still hold a quarter."""
WEEK, YEAR = 7.0, 365.25 / 7.0


@dataclass(frozen=True)
class Sample:
    """The data of a calibration, D numbers.

    - `scenario`: what is calibrated, cut after the last day that the data need.
    - `claims`: a claim's day in weeks from the start, [C]; `issuers`: who made it, `claimed`:
      containers, `digits`: how many significant digits the claim has.
    - `months`, `quarters`: their ends in weeks from the start, one more than there are of them.
    - `losses`: thousands per month; `tests`: per quarter.
    - `first`, `last`: the days within which they lie.
    """

    scenario: Scenario
    claims: Float64[np.ndarray, " claim"]
    issuers: tuple[str, ...]
    claimed: Float64[np.ndarray, " claim"]
    digits: tuple[int, ...]
    months: Float64[np.ndarray, " edge"]
    losses: Float64[np.ndarray, " month"]
    quarters: Float64[np.ndarray, " bound"]
    tests: Float64[np.ndarray, " quarter"]
    first: date
    last: date

    @property
    def names(self) -> list[str]:
        """Return the name of each number."""
        start = self.scenario.start
        days = [start + timedelta(weeks=float(week)) for week in self.claims]
        return [
            *(f"containers {who} {day}" for who, day in zip(self.issuers, days, strict=True)),
            *(f"losses to {start + timedelta(weeks=float(week))}" for week in self.months[1:]),
            *(f"tests to {start + timedelta(weeks=float(week))}" for week in self.quarters[1:]),
        ]

    @property
    def numbers(self) -> Float64[np.ndarray, " number"]:
        """Return the data on the scales on which they are compared."""
        return _scaled(self.claimed[None], self.losses[None], self.tests[None])[0]

    def natural(self, scaled: np.ndarray) -> np.ndarray:
        """Return numbers in containers, thousands and tests again.

        Args:
            scaled: On the scales of `numbers`, [..., number].
        """
        claims, months = len(self.claimed), len(self.claimed) + len(self.losses)
        return np.concatenate(
            [
                np.exp(scaled[..., :claims]) - FEW,
                np.exp(scaled[..., claims:months]) - LITTLE,
                (scaled[..., months:] / 2.0) ** 2 - 0.375,
            ],
            axis=-1,
        )

    @property
    def errors(self) -> list[str]:
        """Return the names of the uncertain sizes of errors."""
        known = self.scenario.uncertain
        others = sorted({who for who in self.issuers if bias_path(who) not in known})
        return [*ERRORS, *(f"error.bias_{who}" for who in others)]

    def error(self, name: str, score: Float64[np.ndarray, " run"]) -> Float64[np.ndarray, " run"]:
        """Return the sizes of an error at standard normal scores.

        Args:
            name: One of `errors`.
            score: A run's place in the prior.
        """
        centre, scale, law = ERRORS.get(name, (*ISSUER, "normal"))
        if law.startswith("half"):
            return scale * np.asarray(norm.ppf(0.5 + 0.5 * norm.cdf(score)))
        return centre + scale * score

    def reported(
        self,
        series: Mapping[str, np.ndarray],
        biases: Mapping[str, Float64[np.ndarray, " run"]],
        errors: Mapping[str, Float64[np.ndarray, " run"]],
        generator: np.random.Generator,
    ) -> Float64[np.ndarray, "run number"]:
        """Return what would have been reported of some runs, on the scales of `numbers`.

        Args:
            series: Cumulative `containers` and `losses`, weekly `tests`: [run, week].
            biases: The log bias of each observer of the scenario, by its path.
            errors: The sizes of errors by name.
            generator: Of the errors themselves.
        """
        runs, weeks = series["containers"].shape
        flow = np.diff(series["containers"], axis=1, prepend=0.0)
        size = errors["error.flow"][:, None]
        wave = _waves(np.arange(weeks) / FLOW_MEMORY, runs, generator)
        containers = np.cumsum(flow * np.exp(size * wave), axis=1)
        logs = np.log(np.maximum(at_weeks(containers, self.claims), 1.0))
        for who in sorted(set(self.issuers)):
            mine = np.asarray([issuer == who for issuer in self.issuers])
            path = bias_path(who)
            bias = biases[path] if path in biases else errors[f"error.bias_{who}"]
            logs[:, mine] += bias[:, None]
            shared = _waves(self.claims[mine] / CLAIM_MEMORY, runs, generator)
            logs[:, mine] += CLAIM_ERROR * shared
        claimed = np.exp(logs)
        for place, digits in enumerate(self.digits):
            claimed[:, place] = rounded(claimed[:, place], digits)

        months = np.diff(at_weeks(series["losses"], self.months), axis=1)
        ages = (self.months[1:] - self.months[:1]) / YEAR
        drift = errors["error.losses_bias"][:, None] + errors["error.losses_trend"][:, None] * ages
        wave = _waves(np.arange(months.shape[1]) / MONTH_MEMORY, runs, generator)
        losses = months * np.exp(drift + errors["error.losses"][:, None] * wave)

        counts = np.diff(at_weeks(np.cumsum(series["tests"], axis=1), self.quarters), axis=1)
        noise = generator.standard_normal(counts.shape) * errors["error.tests"][:, None]
        tests = np.round(counts * np.exp(errors["error.tests_bias"][:, None] + noise))
        return _scaled(claimed, losses, tests)


def _scaled(claimed: np.ndarray, losses: np.ndarray, tests: np.ndarray) -> np.ndarray:
    """Return numbers on scales on which their errors are about alike: logs, roots of counts."""
    logs = np.log(claimed + FEW), np.log(np.maximum(losses, 0.0) + LITTLE)
    return np.concatenate([*logs, 2.0 * np.sqrt(tests + 0.375)], axis=1)


def _waves(at: np.ndarray, runs: int, generator: np.random.Generator) -> np.ndarray:
    """Return standard normal AR(1) paths at rising times, in units of their memory: [run, time]."""
    fresh = generator.standard_normal((runs, len(at)))
    kept = np.exp(-np.diff(at))
    for place, share in enumerate(kept, start=1):
        fresh[:, place] = share * fresh[:, place - 1] + sqrt(1.0 - share**2) * fresh[:, place]
    return fresh


def at_weeks(cumulative: np.ndarray, weeks: Float64[np.ndarray, " time"]) -> np.ndarray:
    """Return a cumulative series [run, week] at times in weeks from the start: [run, time].

    Args:
        cumulative: At the end of each week.
        weeks: The times; 0 is the start.
    """
    whole = np.concatenate([np.zeros((len(cumulative), 1)), cumulative], axis=1)
    low = np.clip(np.floor(weeks).astype(int), 0, whole.shape[1] - 2)
    share = weeks - low
    return whole[:, low] * (1.0 - share) + whole[:, low + 1] * share


def rounded(values: np.ndarray, digits: int) -> np.ndarray:
    """Return values rounded to so many significant digits.

    Args:
        values: Above 0.
        digits: How many, at least 1.
    """
    step = 10.0 ** (np.floor(np.log10(np.maximum(values, 1.0))) - digits + 1)
    return np.round(values / step) * step


def significant(value: float) -> int:
    """Return how many significant digits a number was given with, as far as its zeros show it.

    Args:
        value: Above 0.
    """
    text = f"{value:.0f}".rstrip("0")
    return max(1, len(text)) if value >= 1 else max(1, -floor(log10(value)))


def bias_path(issuer: str) -> str:
    """Return the path of the bias that the model itself gives an observer.

    Args:
        issuer: A state's code.
    """
    return f"states.{issuer}.estimate_bias"


def sample_of(observed: Observed, scenario: Scenario, to: date | None = None) -> Sample:
    """Return the data that a calibration of a scenario uses.

    Args:
        observed: A folder of data.
        scenario: What is calibrated.
        to: The last day that is used; that of the scenario's run, or of the data, if None.

    Raises:
        ScenarioError: All that hinders it.
    """
    wrong = _lacking(scenario)
    first, end = scenario.start, scenario.start + timedelta(weeks=scenario.weeks)
    last = min(end, to + timedelta(days=1)) if to else end  # the day after the last
    if to and to <= first:
        wrong.append(f"to: {to} is not after the scenario's first day, {first}")
    if wrong:
        raise ScenarioError(wrong)

    table = observed.of("containers")
    table = table[(table["kind"] == "claim") & table["value"].gt(0)]
    days = [day.date() for day in table["date"]]
    kept = [place for place, day in enumerate(days) if first <= day < last]
    claims = np.asarray([_weeks(days[place], first) for place in kept])
    claimed = table["value"].to_numpy()[kept]
    months, losses = _months(observed, first, last)
    quarters, tests = _quarters(observed, first, last)
    if not len(claims) + len(losses) + len(tests):
        raise ScenarioError(
            [f"data: holds no claims of containers, losses or tests from {first} to {last}"]
        )
    latest = max([*(claims[-1:] + 1 / WEEK), *months[-1:], *quarters[-1:]])
    weeks = min(scenario.weeks, int(np.ceil(latest - 1e-9)))
    return Sample(
        scenario.with_(f"weeks={weeks}"),
        claims,
        tuple(table["issuer"].iloc[kept]),
        claimed,
        tuple(significant(float(value)) for value in claimed),
        months,
        losses,
        quarters,
        tests,
        first,
        first + timedelta(days=round(latest * WEEK) - 1),
    )


def _lacking(scenario: Scenario) -> list[str]:
    """Return what of the scenario the data cannot be about, a sentence each."""
    found = []
    if ROUTE not in scenario.routes:
        found.append(f"scenario: {scenario.name} has no route from {ROUTE[0]} to {ROUTE[1]}")
    found += [
        f"scenario: {scenario.name} has no state {code}"
        for code in (LOSER, TESTER)
        if code not in scenario.states
    ]
    if not scenario.priors:
        found.append(f"scenario: {scenario.name} leaves no number open: there is no prior")
    if scenario.spec.parameters is not None:
        found.append("parameters: a calibration begins from the priors; leave it out")
    return found


def _weeks(day: date, first: date) -> float:
    return (day - first).days / WEEK


def _periods(first: date, last: date, months: int) -> list[date]:
    """Return the first day and the starts of calendar periods after it, up to a day."""
    edges, year, month = [first], first.year, first.month
    while True:
        month += months - (month - 1) % months
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        if date(year, month, 1) > last:
            return edges
        edges.append(date(year, month, 1))


def _months(observed: Observed, first: date, last: date) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the months of which losses are known, and the losses."""
    table = observed.of("losses")
    if table.empty:
        return np.zeros(1), np.zeros(0)
    known = np.asarray([_weeks(day.date(), first) for day in table["date"]])
    start = max(first, table["date"].iloc[0].date() + timedelta(days=1))
    if start > first:  # the record begins later: from the next month on
        start = _periods(start, date(9999, 1, 1), 1)[1] if start.day > 1 else start
    edges = np.asarray([_weeks(day, first) for day in _periods(start, last, 1)])
    edges = edges[edges <= known[-1] + 1 / WEEK + 1e-9]
    if len(edges) < 2:
        return np.zeros(1), np.zeros(0)
    # a day's figure is of its morning or evening: taken at its end
    total = np.interp(edges, known + 1 / WEEK, table["value"].to_numpy())
    return edges, np.diff(total)


def _quarters(observed: Observed, first: date, last: date) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the quarters of which tests are known, and how many there were."""
    table = observed.of("tests")
    if table.empty:
        return np.zeros(1), np.zeros(0)
    reach = table["date"].iloc[-1].date() + timedelta(days=LAST_MONTH)
    start = max(first, date(table["date"].iloc[0].year, 1, 1))
    edges = [day for day in _periods(start, last, 3) if day <= reach]
    if len(edges) < 2:
        return np.zeros(1), np.zeros(0)
    at = np.asarray([_weeks(day, first) for day in edges])
    days = np.asarray([_weeks(day.date(), first) for day in table["date"]])
    return at, np.histogram(days, bins=at)[0].astype(float)


def scores(values: np.ndarray, law: tuple[str, float, float]) -> np.ndarray:
    """Return the standard normal scores of a prior's values.

    Args:
        values: Drawn from it.
        law: The law and its two parameters.
    """
    from scipy import stats

    kind, a, b = law
    chance = {
        "uniform": lambda x: stats.uniform.cdf(x, a, b - a),
        "normal": lambda x: stats.norm.cdf(x, a, b),
        "lognormal": lambda x: stats.lognorm.cdf(x, b, scale=a),
        "beta": lambda x: stats.beta.cdf(x, a, b),
    }[kind](values)
    return np.asarray(norm.ppf(np.clip(chance, 1e-9, 1.0 - 1e-9)))
