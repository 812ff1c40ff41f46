"""What happened, in sentences made from the numbers of the runs.

What the scenario names as its `headline` comes first. What did not happen in any run, or was the
same in all, stands in one closing sentence. Every number is a median over runs with its 5-95 %
range, or a share of runs with Wilson's 95 % interval. What a sentence is about follows from the
numbers too: the largest flow, the largest change of a stock, the technology that grew most.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from math import floor, log10
from operator import add
from typing import TYPE_CHECKING

from ..results.headline import headline_columns
from ..results.intervals import wilson
from ..results.responses import label_and_unit
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


@dataclass(frozen=True)
class Statement:
    """What is said of some metrics.

    - `metrics`: those that it is about.
    - `text`: the sentence; empty where nothing of it happened.
    - `missing`: what did not happen in any run, in the plural, for the closing sentence.
    """

    metrics: tuple[str, ...]
    text: str
    missing: tuple[str, ...] = ()


def sentences(results: "Results") -> tuple[str, ...]:
    """Return sentences about the runs that did not fail, the headline metrics first.

    There are none if all runs failed.
    """
    good = GoodRuns(results, int((results.ids["status"] == "ok").sum()))
    if good.count == 0:
        return ()
    flow = _largest_flow(good)
    about = (_shipped, _stocked)
    said = [one(good, flow) for one in about]
    said += [one(good) for one in (_learned, _tested, _published, _voted, _lost, _fought)]
    covered = {metric for statement in said for metric in statement.metrics}
    order = list(good.scenario.spec.headline)
    said += [_measured(good, metric) for metric in order if metric not in covered]
    ranks = {metric: place for place, metric in enumerate(order)}
    said.sort(key=lambda one: min(ranks.get(metric, len(ranks)) for metric in one.metrics))
    closing = [thing for statement in said for thing in statement.missing]
    return (*(one.text for one in said if one.text), *_closing(good, closing))


def _closing(good: GoodRuns, missing: list[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    listed = ", no ".join(missing[:-1]) + (" and no " if missing[1:] else "") + missing[-1]
    return (f"There were no {listed} in {_none(good.count, 'run')}.",)


def _measured(good: GoodRuns, metric: str) -> Statement:
    """Return what became of a headline metric that no other sentence is about."""
    texts, name = list[str](), metric.replace("_", " ")
    for column in headline_columns(good.results, metric):
        label, unit = label_and_unit(good.scenario, column)
        values = good.column(column)
        if float(values.max()) != 0.0 or float(values.min()) != 0.0:
            texts.append(f"{label}: {spread(values, f' {unit}' if unit else '', bool(texts))}")
    text = "; ".join(texts)
    return Statement(
        (metric,), f"{text[:1].upper()}{text[1:]}." if text else "", () if text else (name,)
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


def _shipped(good: GoodRuns, flow: tuple[str, str] | None) -> Statement:
    about = ("containers", "containers_delivered")
    if flow is None:
        return Statement(about, "", ("shipments of munitions",))
    supplier, recipient = flow
    shipped = good.route("containers", flow)
    delivered = good.route("containers_delivered", flow)
    return Statement(
        about,
        f"The largest flow of munitions went from {good.name(supplier)} to "
        f"{good.name(recipient)}: {spread(shipped, ' containers')} left in "
        f"{good.scenario.weeks} weeks, and {spread(delivered, ' containers', brief=True)} had "
        "arrived fit for use by the end.",
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


def _stocked(good: GoodRuns, flow: tuple[str, str] | None) -> Statement:
    about = ("stock", "supply", "paid_technology", "paid_goods", "paid_cash")
    scenario = good.scenario
    states = scenario.states if flow is None else flow[:1]
    prices = {k: munition.price for k, munition in scenario.spec.munitions.items()}
    held = [(code, k) for code in states for k in scenario.munitions]
    weight = {of: abs(change.median()) * prices[of[1]] for of, change in _changes(good, held)}
    code, k = max(weight, key=lambda of: weight[of])
    _, change = next(_changes(good, [(code, k)]))
    if change.abs().max() == 0.0:
        return Statement(about, "", ("changes of stocks",))
    fell = change.median() < 0.0
    unit = f" {scenario.spec.munitions[k].unit or 'units'}"
    left = good.column(f"stock_{k}_{code}_last")
    change_text = (
        f"the stock of {_spaced(k)} in {good.name(code)} {'fell' if fell else 'rose'} by "
        f"{spread(-change if fell else change, unit)} to {spread(left, '', brief=True)}"
    )
    if flow is None:
        return Statement(about, f"Of all stocks one changed most in value: {change_text}.")
    supply = good.column(f"supply_{k}_{flow[1]}_last")
    weeks = spread(supply, " weeks of supply", brief=True)
    if supply.quantile(0.05) >= LONGEST_SUPPLY:
        weeks = f"{number(LONGEST_SUPPLY)} weeks of supply or more (in 90 % of runs)"
    left_with = f"{good.name(flow[1])} was left with {weeks} of it"
    return Statement(about, f"{_paid(good, flow)}; {change_text}, and {left_with}.")


def _paid(good: GoodRuns, flow: tuple[str, str]) -> str:
    ends = "_".join(flow)
    columns = good.results.good([f"paid_{way}_{ends}_last" for way in MEANS])
    paid = {way: values for way, (_, values) in zip(MEANS, columns, strict=True)}
    total = sum(paid.values(), start=0.0 * paid["cash"])
    way = f"{flow[0]} to {flow[1]}"
    if total.max() <= 0.0:
        return f"Nothing was paid for the munitions from {way}"
    some = total > 0.0
    part = 100.0 * paid["technology"][some] / total[some]
    return (
        f"For the munitions from {way} {spread(total, ' billion US dollars')} were paid, "
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


def _learned(good: GoodRuns) -> Statement:
    scenario = good.scenario
    known = [(code, d) for code in scenario.states for d in scenario.technologies]
    grown = {of: (gain.median(), gain.max() - gain.min()) for of, gain in _gains(good, known)}
    varied = [of for of in known if grown[of][1] > 0.0 or good.count == 1]
    if not varied or max(grown[of][0] for of in varied) <= 0.0:
        same = "differences of technology between runs"
        return Statement(("tech",), "", (same if good.count > 1 else "growth of technology",))
    code, d = max(varied, key=lambda of: grown[of][0])
    level = good.column(f"tech_{d}_{code}_last")
    _, gain = next(_gains(good, [(code, d)]))
    return Statement(
        ("tech",),
        f"Technology grew most in {good.name(code)}, whose {_spaced(d)} level rose by "
        f"{spread(gain, '')} to {spread(level, '', brief=True)}, "
        "where 1 is the frontier at the start.",
    )


TRIALS = {
    "weapon test": ("tests", "test_failures", ""),
    "satellite launch": ("launches", "launch_failures", "launch_postponements"),
}
"""Kinds of trials: the metrics of those made, of those of them that failed, of those put off."""


def _tested(good: GoodRuns) -> Statement:
    """Return who tried most, and of each kind of trial how many were made, failed, were put off.

    What failed is a part of what was made; what was put off was not made and is counted apart.
    """
    about = tuple(name for names in TRIALS.values() for name in names if name)
    states = good.scenario.states
    kinds = (good.columns(made, *(f"{s}_sum" for s in states)) for made, _, _ in TRIALS.values())
    tried = {
        code: ((tests + launches).median(), (tests + launches).mean())
        for code, tests, launches in zip(states, *kinds, strict=True)
    }
    code = max(tried, key=lambda code: tried[code])
    texts, missing = list[str](), list[str]()
    for kind, (made, failed, put_off) in TRIALS.items():
        if tried[code][1] <= 0.0 or good.column(f"{made}_{code}_sum").max() <= 0.0:
            missing.append(f"{kind}{'es' if kind.endswith('ch') else 's'}")
            continue
        texts.append(_trials(good, code, kind, (made, failed, put_off)))
    if not texts:
        return Statement(about, "", tuple(missing))
    return Statement(about, f"Most trials were those of {good.name(code)}: {'; '.join(texts)}.")


def _trials(good: GoodRuns, code: str, kind: str, metrics: tuple[str, str, str]) -> str:
    made, failed, put_off = metrics
    some = f" {kind}{'es' if kind.endswith('ch') else 's'}"
    text = spread(good.column(f"{made}_{code}_sum"), some, brief=True)
    bad = good.column(f"{failed}_{code}_sum")
    text += (
        f", of which {spread(bad, '', brief=True)} failed and the others succeeded"
        if bad.max() > 0.0
        else ", none of which failed"
    )
    later = good.column(f"{put_off}_{code}_sum") if put_off else 0.0 * bad
    if later.max() > 0.0:
        text += f", and {spread(later, '', brief=True)} times one was put off"
    return text


def _published(good: GoodRuns) -> Statement:
    said, denied = good.everybody("disclosures"), good.everybody("denials")
    about = ("disclosures", "denials")
    if said.max() <= 0.0:
        return Statement(about, "", ("published pieces of evidence",))
    return Statement(
        about,
        f"Evidence of shipments was published {spread(said, ' times')} and denied "
        f"{spread(denied, ' times', brief=True)}.",
    )


def _voted(good: GoodRuns) -> Statement:
    vetoed = good.everybody("vetoes") > 0.0
    if not vetoed.any():
        return Statement(("vetoes",), "", ("vetoes in the Council",))
    return Statement(("vetoes",), f"A veto was cast in the Council in {share(vetoed)}.")


def _fought(good: GoodRuns) -> Statement:
    """Return in how many runs a new dispute was dangerous, and in how many it came to war."""
    kinds = {
        "a new dispute came to a display of force or worse in": (
            good.column("level_new_max") >= DISPLAY,
            "new disputes with a display of force or worse",
        ),
        "a new war broke out in": (good.column("war_onsets_sum") > 0.0, "new wars"),
    }
    texts = [f"{text} {share(some)}" for text, (some, _) in kinds.items() if some.any()]
    missing = tuple(none for some, none in kinds.values() if not some.any())
    text = ", and ".join(texts)
    return Statement(
        ("level_new", "war_onsets"), f"{text[:1].upper()}{text[1:]}." if text else "", missing
    )


def _lost(good: GoodRuns) -> Statement:
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
        return Statement(("losses",), "", ("casualties",))
    wars = good.scenario.spec.relations.wars
    what = "The war with which the scenario begins" if len(wars) == 1 else "War"
    costs = " and ".join(
        f"{good.name(code)} "
        f"{spread(good.column(f'losses_{code}_last'), ' thousand casualties', brief=place > 0)}"
        for place, code in enumerate(hit)
    )
    return Statement(("losses",), f"{what} cost {costs}.")


def _spaced(code: str) -> str:
    return code.replace("_", " ")
