"""The short table of a job: what matters, with its spread over runs."""

import textwrap
from collections.abc import Sequence
from functools import reduce
from itertools import islice
from operator import add

from ..events import SCALE_NAMES, Scale
from ..rules.perceive import LONGEST_SUPPLY
from .headline import columns_of_metric, headline_columns
from .intervals import wilson
from .responses import label_and_unit
from .results import Results
from .text import QUANTILES, short

MOST_AT_WAR = 3
"""How many states' casualties are shown: those with the most."""


def short_table(results: Results, scale: Scale = "mid") -> list[str]:
    """Return the lines of the table, with the escalation index on a scale.

    What the scenario's `headline` names comes first. The rest is about the scenario's first route
    that carried anything, the first munition that its supplier has, and who stands at the route's
    ends; without routes about the first state that has a munition.
    Runs that failed are left out; the heading says how many.

    Args:
        results: The results of a job.
        scale: The scale of the escalation index.
    """
    job, scenario = results.manifest, results.scenario
    runs = len(results.ids)
    bad = int((results.ids["status"] == "failed").sum())
    begun = f" from run {job['first']}" if job["first"] else ""
    heading = f"{scenario.name}: {runs} runs{begun} of {scenario.weeks} weeks"
    heading += f" from {scenario.date(0)}, seed {job['seed']}" + (f", {bad} failed" if bad else "")
    if bad == runs:
        return [heading, "every run failed"]
    rows, never, same = quantities(results, scale)
    texts = [(label, [short(number) for number in numbers]) for label, numbers in rows]
    war = "runs with a new war"
    width = max(len(label) for label in (*dict(texts), war)) + 2
    lines = [heading, " " * width + "".join(f"{share:>12.0%}" for share in QUANTILES)]
    lines += [
        f"{label:<{width}}" + "".join(f"{number:>12}" for number in numbers)
        for label, numbers in texts
    ]
    onsets, good = war_onsets(results), runs - bad
    low, high = wilson(onsets, good)
    share = f"{onsets} of {good}: {onsets / good:.1%}, 95 % interval {low:.1%} to {high:.1%}"
    lines.append(f"{war:<{width}}{share}")
    room = width + 12 * len(QUANTILES)
    for heading, labels in (("the same in every run", same), ("0 in every run", never)):
        whole = "; ".join(label.replace(" ", "\u00a0") for label in labels)  # no label is broken
        wrapped = textwrap.wrap(f"{heading}: {whole}", room, subsequent_indent="  ")
        lines += [line.replace("\u00a0", " ") for line in wrapped if labels]
    return lines


def war_onsets(results: Results) -> int:
    """Return in how many runs that did not fail a new war broke out."""
    ((_, onsets),) = results.good(["war_onsets_sum"])
    return int((onsets > 0).sum())


def quantities(
    results: Results, scale: Scale = "mid"
) -> tuple[list[tuple[str, list[float]]], list[str], list[str]]:
    """Return what the table shows of the runs that did not fail, the headline metrics first.

    Args:
        results: The results of a job.
        scale: The scale of the escalation index.

    Returns:
        The quantiles of each quantity with its label; the labels of those that are 0 in every run:
        what a world does not have, or what did not happen; and those of which several runs all
        gave the same, with their value.
    """
    plan = _plan(results, scale)
    columns = results.good([name for _, names in plan for name in names])
    rows, never, same = list[tuple[str, list[float]]](), list[str](), list[str]()
    for label, names in plan:
        # one after the other: however many runs there are, few columns are held at once
        values = reduce(add, (values for _, values in islice(columns, len(names))))
        if (values == 0.0).all():
            never.append(label.strip())
        elif names[0].startswith("supply_") and (values == LONGEST_SUPPLY).all():
            continue  # needs none
        elif len(values) > 1 and (values == values.iloc[0]).all():
            same.append(f"{label.strip()} ({short(float(values.iloc[0]))})")
        else:
            rows.append((label, [float(values.quantile(share)) for share in QUANTILES]))
    return rows, never, same


def _plan(results: Results, scale: Scale) -> list[tuple[str, list[str]]]:
    """Return the plan of the table: each label, and the columns whose sum it shows."""
    usual = _usual(results, scale)
    first = list[tuple[str, list[str]]]()
    for metric in results.scenario.spec.headline:
        own = set(columns_of_metric(results.scenario, metric))
        rows = [(label, names) for label, names in usual if own.issuperset(names)]
        for column in headline_columns(results, metric) if not rows else ():
            label, unit = label_and_unit(results.scenario, column)
            rows.append((f"{label} ({unit})" if unit else label, [column]))
        first += [row for row in rows if row not in first]
    shown = [names for _, names in first]
    return [*first, *((label, names) for label, names in usual if names not in shown)]


def _usual(results: Results, scale: Scale) -> list[tuple[str, list[str]]]:
    """Return the plan of the table of any scenario."""
    scenario, states = results.scenario, results.scenario.states
    moved = {}
    if scenario.routes:
        ends = scenario.routes[_first(results, "containers_{}_{}_last", scenario.routes)]
        moved = {
            f"containers {' to '.join(ends)}, {how}": f"{metric}_{'_'.join(ends)}_last"
            for how, metric in (("shipped", "containers"), ("delivered", "containers_delivered"))
        }
    sources = states if not scenario.routes else ends[:1]
    held = [(name, source) for source in sources for name in scenario.munitions]
    munition, source = held[_first(results, "stock_{}_{}_last", held)]
    target = ends[1] if scenario.routes else source
    munition_name = munition.replace("_", " ")
    losses = results.good([f"losses_{state}_last" for state in states])
    median = {state: float(lost.median()) for state, (_, lost) in zip(states, losses, strict=True)}
    fighting = sorted((s for s in median if median[s] > 0.0), key=lambda s: -median[s])
    alone = {
        **moved,
        f"{munition_name} of {target}, weeks of supply": f"supply_{munition}_{target}_last",
        f"{munition_name} of {target}, stock": f"stock_{munition}_{target}_last",
        f"{munition_name} of {source}, stock": f"stock_{munition}_{source}_last",
        **{f"casualties of {s}, thousand": f"losses_{s}_last" for s in fighting[:MOST_AT_WAR]},
        **{
            f"technology of {source}, {name.replace('_', ' ')}": f"tech_{name}_{source}_last"
            for name in scenario.technologies
        },
        f"tests by {source}": f"tests_{source}_sum",
        f"satellite launches by {source}": f"launches_{source}_sum",
    }
    together = {
        "disclosures": "disclosures",
        "voices in joint statements": "joint_statements",
        "denials": "denials",
        "vetoes": "vetoes",
    }
    between = {
        "exercises held": "exercises_held_sum",
        "pairs of states in a dispute, mean week": "disputes_mean",
        "tension (index), mean pair and week": "tension_mean_mean",
        "highest level of a new dispute (0-5)": "level_new_max",
        f"escalation per week, {SCALE_NAMES[scale]}": f"escalation_{scale}_mean",
        "  escalation on third parties": f"escalation_{scale}_third_mean",
    }
    return [
        *((label, [name]) for label, name in alone.items()),
        *(
            (label, [f"{metric}_{state}_sum" for state in states])
            for label, metric in together.items()
        ),
        *((label, [name]) for label, name in between.items()),
    ]


def _first(results: Results, column: str, things: Sequence[tuple[str, str]]) -> int:
    """Return the place of the first thing whose column is above 0 in any run; 0 if none is."""
    columns = results.good([column.format(*thing) for thing in things])
    return next((place for place, (_, values) in enumerate(columns) if values.max() > 0.0), 0)
