"""What happened, in five sentences made from the numbers of the runs.

Every number is a median over runs with its 5-95 % range, or a share of runs with Wilson's 95 %
interval. What a sentence is about follows from the numbers too: the largest flow, the largest
change of a stock, the technology that grew most, whatever the scenario.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from math import floor, log10
from operator import add
from typing import TYPE_CHECKING

from ..results.intervals import wilson
from ..rules.perceive import LONGEST_SUPPLY
from ..world import DISPLAY, MEANS

if TYPE_CHECKING:
    import pandas as pd

    from ..results.results import Results
    from ..scenario import Scenario


@dataclass(frozen=True)
class GoodRuns:
    """The runs that did not fail, read one column at a time, and their scenario."""

    results: "Results"
    count: int

    @property
    def scenario(self) -> "Scenario":
        """Return the scenario that was simulated."""
        return self.results.scenario

    def column(self, name: str) -> "pd.Series":
        """Return a column of `runs`."""
        return next(self.results.good([name]))[1]

    def columns(self, metric: str, *ends: str) -> "Iterator[pd.Series]":
        """Return the columns of a metric, one for each ending of its name.

        Args:
            metric: The name of the metric.
            ends: The endings of the columns' names.
        """
        return (values for _, values in self.results.good([f"{metric}_{end}" for end in ends]))

    def name(self, state: str) -> str:
        """Return a state's name with its code."""
        name = self.scenario.spec.states[state].name
        return f"{name} ({state})" if name else state

    def everybody(self, metric: str) -> "pd.Series":
        """Return a metric of states summed over weeks and over states, one value per run."""
        states = self.scenario.states
        return reduce(add, self.columns(metric, *(f"{code}_sum" for code in states)))

    def starts(self, given: "Mapping[str, float]") -> "Iterator[pd.Series | float]":
        """Yield numbers of the scenario: what each run drew, or the value given for its path."""
        drawn = self.results.good([path for path in given if path in self.scenario.priors])
        for path, value in given.items():
            yield next(drawn)[1] if path in self.scenario.priors else value

    def route(self, metric: str, route: tuple[str, str]) -> "pd.Series":
        """Return a metric of a route at the end, one value per run.

        Args:
            metric: The name of the metric.
            route: Supplier and recipient.
        """
        return self.column(f"{metric}_{'_'.join(route)}_last")


def sentences(results: "Results") -> tuple[str, ...]:
    """Return five sentences about the runs that did not fail; none if all of them failed."""
    good = GoodRuns(results, int((results.ids["status"] == "ok").sum()))
    if good.count == 0:
        return ()
    flow = _largest_flow(good)
    return (
        _shipped(good, flow),
        _stocked(good, flow),
        _learned(good),
        _published(good),
        _fought(good),
    )


def number(value: float) -> str:
    """Return a number to three figures, with thousands apart: 27,600."""
    if abs(value) < 100.0:
        return f"{value:.3g}"
    digits = 2 - floor(log10(abs(value)))
    return f"{round(value, digits):,.0f}"


def spread(values: "pd.Series", unit: str, brief: bool = False) -> str:
    """Return the median of something with its range over runs: 27,600 containers (in 90 % of ...).

    Args:
        values: One value per run.
        unit: The text after the number, with its space.
        brief: Whether to leave out what the range is, where the sentence has said it already.
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
    """Return in how many runs something happened, with Wilson's 95 % interval: bool per run."""
    times, runs = int(happened.sum()), len(happened)
    low, high = wilson(times, runs)
    return f"{times} of {_many(runs, 'run')} (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" + ("" if count == 1 else "s")


def _none(count: int, thing: str) -> str:
    return f"the only {thing}" if count == 1 else f"any of the {count} {thing}s"


def _largest_flow(good: GoodRuns) -> tuple[str, str] | None:
    """Return the route on which the median run shipped most, None where nothing was shipped."""
    routes = good.scenario.routes
    shipped = good.columns("containers", *(f"{i}_{j}_last" for i, j in routes))
    busy = {
        route: (amount.median(), amount.mean())
        for route, amount in zip(routes, shipped, strict=True)
        if amount.max() > 0.0
    }
    return max(busy, key=lambda route: busy[route], default=None)


def _shipped(good: GoodRuns, flow: tuple[str, str] | None) -> str:
    if not good.scenario.routes:
        return "Nothing was shipped: the scenario has no routes."
    if flow is None:
        routes = _none(len(good.scenario.routes), "route")
        return f"Nothing was shipped on {routes} in {_none(good.count, 'run')}."
    supplier, recipient = flow
    shipped = good.route("containers", flow)
    delivered = good.route("containers_delivered", flow)
    return (
        f"The largest flow of munitions went from {good.name(supplier)} to "
        f"{good.name(recipient)}: {spread(shipped, ' containers')} left in "
        f"{good.scenario.weeks} weeks, and {spread(delivered, ' containers', brief=True)} had "
        "arrived fit for use by the end."
    )


def _changes(
    good: GoodRuns, held: list[tuple[str, str]]
) -> "Iterator[tuple[tuple[str, str], pd.Series]]":
    """Yield how stocks changed from the start to the end, by state and munition."""
    states = good.scenario.spec.states
    given = {f"states.{code}.stock.{k}": states[code].stock.get(k, 0.0) for code, k in held}
    left = good.columns("stock", *(f"{k}_{code}_last" for code, k in held))
    for of, start, end in zip(held, good.starts(given), left, strict=True):
        yield of, end - start


def _stocked(good: GoodRuns, flow: tuple[str, str] | None) -> str:
    scenario = good.scenario
    states = scenario.states if flow is None else flow[:1]
    prices = {k: munition.price for k, munition in scenario.spec.munitions.items()}
    held = [(code, k) for code in states for k in scenario.munitions]
    weight = {of: abs(change.median()) * prices[of[1]] for of, change in _changes(good, held)}
    code, k = max(weight, key=lambda of: weight[of])
    _, change = next(_changes(good, [(code, k)]))
    if change.abs().max() == 0.0:
        return f"No stock changed in {_none(len(change), 'run')}."
    fell = change.median() < 0.0
    unit = f" {scenario.spec.munitions[k].unit or 'units'}"
    left = good.column(f"stock_{k}_{code}_last")
    change_text = (
        f"the stock of {_spaced(k)} in {good.name(code)} {'fell' if fell else 'rose'} by "
        f"{spread(-change if fell else change, unit)} to {spread(left, '', brief=True)}"
    )
    if flow is None:
        return f"Of all stocks one changed most in value: {change_text}."
    supply = good.column(f"supply_{k}_{flow[1]}_last")
    weeks = spread(supply, " weeks of supply", brief=True)
    if supply.quantile(0.05) >= LONGEST_SUPPLY:
        weeks = f"{number(LONGEST_SUPPLY)} weeks of supply or more (in 90 % of runs)"
    return (
        f"{_paid(good, flow)}; {change_text}, and {good.name(flow[1])} was left with {weeks} of it."
    )


def _paid(good: GoodRuns, flow: tuple[str, str]) -> str:
    ends = "_".join(flow)
    columns = good.results.good([f"paid_{way}_{ends}_last" for way in MEANS])
    paid = {way: values for way, (_, values) in zip(MEANS, columns, strict=True)}
    total = sum(paid.values(), start=0.0 * paid["cash"])
    if total.max() <= 0.0:
        return "Nothing was paid for it"
    some = total > 0.0
    part = 100.0 * paid["technology"][some] / total[some]
    return (
        f"For it {spread(total, ' billion US dollars')} were paid, "
        f"{spread(part, ' %', brief=True)} of that in technology"
    )


def _gains(
    good: GoodRuns, known: list[tuple[str, str]]
) -> "Iterator[tuple[tuple[str, str], pd.Series]]":
    """Yield how technology grew from the start to the end, by state and technology."""
    states = good.scenario.spec.states
    given = {f"states.{code}.tech.{d}": states[code].tech.get(d, 0.0) for code, d in known}
    levels = good.columns("tech", *(f"{d}_{code}_last" for code, d in known))
    for of, start, end in zip(known, good.starts(given), levels, strict=True):
        yield of, end - start


def _learned(good: GoodRuns) -> str:
    scenario = good.scenario
    known = [(code, d) for code in scenario.states for d in scenario.technologies]
    median = {of: gain.median() for of, gain in _gains(good, known)}
    code, d = max(median, key=lambda of: median[of])
    level = good.column(f"tech_{d}_{code}_last")
    _, gain = next(_gains(good, [(code, d)]))
    if median[code, d] > 0.0:
        grown = (
            f"Technology grew most in {good.name(code)}, whose {_spaced(d)} level rose by "
            f"{spread(gain, '')} to {spread(level, '', brief=True)}, "
            "where 1 is the frontier at the start"
        )
    else:
        grown = f"No technology grew in the median of {_many(good.count, 'run')}"
    return f"{grown}; {_tested(good)}."


def _tested(good: GoodRuns) -> str:
    states = good.scenario.states
    kinds = (good.columns(kind, *(f"{s}_sum" for s in states)) for kind in ("tests", "launches"))
    tried = {
        code: ((tests + launches).median(), (tests + launches).mean())
        for code, tests, launches in zip(states, *kinds, strict=True)
    }
    code = max(tried, key=lambda code: tried[code])
    if tried[code][1] <= 0.0:
        return "nobody tested a weapon or launched a satellite in any run"

    def of(metric: str) -> "pd.Series":
        return good.column(f"{metric}_{code}_sum")

    failed = of("test_failures") + of("launch_failures")
    tests = spread(of("tests"), " weapon tests", brief=True)
    launches = spread(of("launches"), " satellite launches", brief=True)
    return (
        f"most trials were those of {good.name(code)}, {tests} and {launches}, "
        f"of which {spread(failed, '', brief=True)} failed"
    )


def _published(good: GoodRuns) -> str:
    said, denied = good.everybody("disclosures"), good.everybody("denials")
    vetoed = share(good.everybody("vetoes") > 0.0)
    published = (
        f"Evidence of shipments was published {spread(said, ' times')} and denied "
        f"{spread(denied, ' times', brief=True)}"
        if said.max() > 0.0
        else f"Nobody published evidence of a shipment in {_none(len(said), 'run')}"
    )
    return f"{published}; a veto was cast in the Council in {vetoed}."


def _fought(good: GoodRuns) -> str:
    militarised = share(good.column("level_new_max") >= DISPLAY)
    onsets = share(good.column("war_onsets_sum") > 0.0)
    return (
        f"{_casualties(good)}; a new dispute came to a display of force or worse in "
        f"{militarised}, and a new war broke out in {onsets}."
    )


def _casualties(good: GoodRuns) -> str:
    """Return what war cost the two states that it cost most."""
    states = good.scenario.states
    lost = good.columns("losses", *(f"{code}_last" for code in states))
    cost = {
        code: values.median()
        for code, values in zip(states, lost, strict=True)
        if values.max() > 0.0
    }
    hit = sorted(cost, key=lambda code: -cost[code])[:2]
    if not hit:
        return f"No state lost soldiers in {_none(good.count, 'run')}"
    wars = good.scenario.spec.relations.wars
    what = "The war with which the scenario begins" if len(wars) == 1 else "War"
    costs = " and ".join(
        f"{good.name(code)} "
        f"{spread(good.column(f'losses_{code}_last'), ' thousand casualties', brief=place > 0)}"
        for place, code in enumerate(hit)
    )
    return f"{what} cost {costs}"


def _spaced(code: str) -> str:
    return code.replace("_", " ")
