"""The short table of a job: what matters, with its spread over runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .results import QUANTILES, Results, wilson

if TYPE_CHECKING:
    import pandas as pd

MOST_AT_WAR = 3
"""How many states' casualties are told: those with the most."""


def short_table(results: Results) -> list[str]:
    """The lines of the table.

    It is about the scenario's first route that carried anything, the first munition that its
    supplier has, and who stands at the route's ends.
    Runs that failed are left out; the heading says how many.
    """
    job, scenario = results.manifest, results.scenario
    good = results.runs[results.runs["status"] == "ok"]
    bad = len(results.runs) - len(good)
    heading = f"{scenario.name}: {len(results.runs)} runs of {scenario.weeks} weeks"
    heading += f" from {scenario.date(0)}, seed {job['seed']}" + (f", {bad} failed" if bad else "")
    if good.empty:
        return [heading, "every run failed"]
    told = quantities(results, good)
    width = max(len(label) for label, _ in told) + 2
    lines = [heading, " " * width + "".join(f"{share:>12.0%}" for share in QUANTILES)]
    for label, values in told:
        numbers = "".join(f"{short(float(values.quantile(share))):>12}" for share in QUANTILES)
        lines.append(f"{label:<{width}}{numbers}")
    onsets = int((good["war_onsets_sum"] > 0).sum())
    low, high = wilson(onsets, len(good))
    share = (
        f"{onsets} of {len(good)}: {onsets / len(good):.1%}, 95 % interval {low:.1%} to {high:.1%}"
    )
    return [*lines, f"{'runs with a new war':<{width}}{share}"]


def quantities(results: Results, runs: "pd.DataFrame") -> "list[tuple[str, pd.Series]]":
    """What the table tells of some runs, each with its label: a value a run."""
    scenario = results.scenario
    busy = (r for r in scenario.routes if runs["containers_{}_{}_last".format(*r)].max() > 0.0)
    source, target = next(busy, scenario.routes[0])
    route = f"{source}_{target}"
    munition = next(
        (m for m in scenario.munitions if runs[f"stock_{m}_{source}_last"].max() > 0.0),
        scenario.munitions[0],
    )
    said = munition.replace("_", " ")
    losses = {state: runs[f"losses_{state}_last"] for state in scenario.states}
    median = {state: float(lost.median()) for state, lost in losses.items()}
    fighting = sorted((s for s in median if median[s] > 0.0), key=lambda s: -median[s])

    def all_states(metric: str) -> "pd.Series":
        return runs[_columns(metric, scenario.states)].sum(axis=1)

    return [
        (f"containers {source} to {target}, shipped", runs[f"containers_{route}_last"]),
        (f"containers {source} to {target}, delivered", runs[f"containers_delivered_{route}_last"]),
        (f"{said} of {target}, weeks of supply", runs[f"supply_{munition}_{target}_last"]),
        (f"{said} of {source}, stock", runs[f"stock_{munition}_{source}_last"]),
        *((f"casualties of {s}, thousand", losses[s]) for s in fighting[:MOST_AT_WAR]),
        *(
            (
                f"technology of {source}, {name.replace('_', ' ')}",
                runs[f"tech_{name}_{source}_last"],
            )
            for name in scenario.technologies
        ),
        (f"tests by {source}", runs[f"tests_{source}_sum"]),
        (f"satellite launches by {source}", runs[f"launches_{source}_sum"]),
        ("disclosures", all_states("disclosures")),
        ("voices in joint statements", all_states("joint_statements")),
        ("denials", all_states("denials")),
        ("vetoes", all_states("vetoes")),
        ("highest level of a new dispute (0-5)", runs["level_new_max"]),
    ]


def _columns(metric: str, states: Sequence[str]) -> list[str]:
    return [f"{metric}_{state}_sum" for state in states]


def short(value: float) -> str:
    """A number to three figures, with thousands apart."""
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    return f"{value:.3g}"
