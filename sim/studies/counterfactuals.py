"""Ready counterfactuals: what would be otherwise without transfers, with more enforcement, ...

Each is data: a name, what it asks, what it changes in a scenario, and the metrics to look at first,
chosen for what the change is about before any run. A change keeps the structure of a scenario
(nothing is taken out of a list), so that one program simulates both worlds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..results.comparison import FALLS, NO_CHANNEL, RISES, Comparison
from ..results.effect_text import (
    LITTLE,
    gain_text,
    interval_text,
    pairing_sentence,
    percentage,
    rounded,
)
from ..results.responses import label_and_unit
from ..scenario import Scenario
from ..scenario.compose import entries

Change = Callable[[Scenario], tuple[str, ...]]
RESTRAINT = "restraint"
"""The doctrine that states are given in turn; `restraint_PRK` is that of one."""
NEVER_ON_TERMS = 1.0
"""The affinity that no two states reach: an exercise that needs it is not held."""


@dataclass(frozen=True)
class Counterfactual:
    """A change of a scenario that a reader would ask about.

    - `name`: as a command takes it.
    - `title`: what would be otherwise, in words.
    - `change`: the overrides; none where a scenario has nothing to change.
    - `headline`: metrics to look at first, where a scenario has all of them.
    """

    name: str
    title: str
    change: Change
    headline: tuple[str, ...] = ()


def _no_transfers(scenario: Scenario) -> tuple[str, ...]:
    return tuple(f"states.{code}.desks.transfer=none" for code in scenario.states)


def _nothing_taught(scenario: Scenario) -> tuple[str, ...]:
    """Return overrides under which what would be paid in technology is paid in goods."""
    states = scenario.spec.states.items()
    return tuple(
        f"states.{code}.desks.transfer.teach=0"
        for code, state in states
        if "teach" in state.desks["transfer"]
    )


def _enforcement_doubled(scenario: Scenario) -> tuple[str, ...]:
    before = float(scenario.params().rules.move.interdiction)
    return (f"rules.move.interdiction={2.0 * before!r}",) if before else ()


def _no_monitors(scenario: Scenario) -> tuple[str, ...]:
    return ("~relations.monitors",) if scenario.spec.relations.monitors else ()


def _no_trilateral(scenario: Scenario) -> tuple[str, ...]:
    return tuple(
        f"exercises.{place}.terms={NEVER_ON_TERMS}"
        for place, exercise in enumerate(scenario.spec.exercises)
        if len(exercise.states) > 2
    )


def _protector_out(scenario: Scenario) -> tuple[str, ...]:
    """Return overrides under which the protector of most allies promises nothing."""
    alliances = scenario.spec.relations.alliances
    protectors = [alliance.protector for alliance in alliances]
    most = max(protectors, key=protectors.count, default=None)
    return tuple(
        f"relations.alliances.{place}.commitment=0"
        for place, protector in enumerate(protectors)
        if protector == most
    )


def _restraint(code: str) -> Change:
    def change(scenario: Scenario) -> tuple[str, ...]:
        """Return the doctrine, which also holds where the scenario sets a desk of its own."""
        own = entries(scenario.mapping, "states", code, "desks")
        gone = (f"~states.{code}.desks.{desk}" for desk in own)
        return (*gone, f"states.{code}.doctrine={RESTRAINT}")

    return change


SHELLS, FLOW = "stock_shell_152_RUS_last", "PRK_RUS"
CONDUCT = ("presses_sum", "militarised_mean", "tension_mean_mean")
COUNTERFACTUALS: tuple[Counterfactual, ...] = (
    Counterfactual(
        "no_transfers",
        "No transfers of arms",
        _no_transfers,
        ("losses_UKR_last", "losses_RUS_last", SHELLS, "tech_missile_PRK_last", *CONDUCT),
    ),
    Counterfactual(
        "no_technology",
        "No technology in return for arms",
        _nothing_taught,
        ("tech_missile_PRK_last", "tech_satellite_PRK_last", "launch_failures_PRK_sum",
         f"containers_{FLOW}_last", *CONDUCT),
    ),
    Counterfactual(
        "enforcement_doubled",
        "Enforcement doubled",
        _enforcement_doubled,
        (f"containers_delivered_{FLOW}_last", f"containers_interdicted_{FLOW}_last", SHELLS,
         "losses_UKR_last", *CONDUCT),
    ),
    Counterfactual(
        "no_panel",
        "No monitoring panel",
        _no_monitors,
        (f"containers_delivered_{FLOW}_last", f"containers_interdicted_{FLOW}_last",
         f"exposure_{FLOW}_mean", *CONDUCT),
    ),
    Counterfactual(
        "no_trilateral",
        "No exercises of three states",
        _no_trilateral,
        ("tension_mean_mean", "tests_PRK_sum", "readiness_KOR_mean", "readiness_JPN_mean",
         "exercises_held_sum", *CONDUCT[:2]),
    ),
    Counterfactual(
        "protector_out",
        "A protector that stays out",
        _protector_out,
        ("presses_sum", "deterred_sum", "militarised_mean", "tension_mean_mean", "war_onsets_sum",
         "payoff_KOR_mean"),
    ),
)  # fmt: skip
"""Those that need no state; `ready` adds restraint by each state in turn."""


def ready(scenario: Scenario) -> dict[str, Counterfactual]:
    """Return all counterfactuals by name, those of single states of a scenario among them.

    Args:
        scenario: Whose states.
    """
    route = f"containers_{FLOW}_last"
    single = (
        Counterfactual(
            f"{RESTRAINT}_{code}",
            f"Restraint by {state.name or code}",
            _restraint(code),
            (f"payoff_{code}_mean", f"spending_{code}_last", route, *CONDUCT),
        )
        for code, state in scenario.spec.states.items()
    )
    return {found.name: found for found in (*COUNTERFACTUALS, *single)}


def chosen(scenario: Scenario, names: Iterable[str]) -> list[Counterfactual]:
    """Return counterfactuals by name; `all` is every one, `restraint` that by each state in turn.

    Args:
        scenario: Whose states.
        names: The names.

    Raises:
        ValueError: With a line for each name that is none, or that changes nothing here.
    """
    known, found, wrong = ready(scenario), dict[str, Counterfactual](), list[str]()
    for name in names:
        some = [each for each in known if name in ("all", each) or _in_turn(name, each)]
        if not some:
            wrong.append(f"{name}: is none of all, {RESTRAINT}, {', '.join(known)}")
        without = [each for each in some if not known[each].change(scenario)]
        if name != "all":
            wrong += [f"{each}: {scenario.name} has nothing to change" for each in without]
        found |= {each: known[each] for each in some if each not in without}
    if wrong:
        raise ValueError("\n".join(wrong))
    return list(found.values())


def _in_turn(name: str, each: str) -> bool:
    return name == RESTRAINT and each.startswith(f"{RESTRAINT}_")


def headline(found: Counterfactual, known: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics to look at first; none, so that the most moved are, if any is lacking.

    Args:
        found: The counterfactual.
        known: The columns of the scenario's table of runs.
    """
    return found.headline if set(found.headline) <= set(known) else ()


HEAD = """# What would be otherwise

    python -m experiments.counterfactual write=true     # writes this page, and one for each change

Two worlds under common random numbers, with the change less without it: the mean effect with its
95 % interval, the share of runs in which it rises and falls, and by how much pairing divides the
variance of the effect. **Bold**: the interval leaves 0 out. *No channel*: no week of any run
differs. {runs} runs of each world, `seed={seed}`. None of it is a forecast: the numbers follow
from coefficients, most of them chosen ([sources.md](sources.md)).
"""


def summary(found: Mapping[Counterfactual, Comparison], runs: int, seed: int) -> str:
    """Return the table of some comparisons, as Markdown.

    Args:
        found: The comparisons.
        runs: Of each world.
        seed: The master seed.
    """
    lines = [HEAD.format(runs=runs, seed=seed)]
    for each, compared in found.items():
        part = compared.parting
        when = f"The worlds part in {percentage(part.share)} of runs" if part else ""
        when += f", in week {part.week:.0f} by median" if part and part.share else ""
        lines += [
            f"## {each.title}\n",
            f"`question={each.name}`. {when}.\n" if when else "",
            "| metric | without | effect | up | down | pairing |",
            "|---|---|---|---|---|---|",
            *(_line(compared, name) for name in compared.headline),
            "",
            *_little(compared),
        ]
    return "\n".join(lines)


def _little(compared: Comparison) -> list[str]:
    """Return the metrics for which pairing gains little, and why, as the lines of a list."""
    some = [(name, compared.row(name)) for name in compared.headline]
    lines = [
        f"- {pairing_sentence(compared.a.scenario, name, row)}"
        for name, row in some
        if row["variance_reduction"] < LITTLE and row["effect"] != NO_CHANNEL
    ]
    return [*lines, ""] if lines else []


def _line(compared: Comparison, name: str) -> str:
    row = compared.row(name)
    label, unit = label_and_unit(compared.a.scenario, name)
    size = interval_text(row["difference"], row["low"], row["high"])
    size = "no channel" if row["effect"] == NO_CHANNEL else size
    size = f"**{size}**" if row["effect"] in (RISES, FALLS) else size
    return (
        f"| {label}{f', {unit}' if unit else ''} | {rounded(row['a'], row['high'] - row['low'])} |"
        f" {size} | {percentage(row['rises'])} | {percentage(row['falls'])} |"
        f" {gain_text(row['variance_reduction'])} |"
    )
