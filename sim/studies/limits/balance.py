"""Deterrence as will and balance: what the power of each side adds, and what splitting changes.

    deterrence_ij = w_d will_ij (R_ij / (1 + R_ij))^beta,   R_ij = power for j / power of i

One protector that is split in two adds the same power. With beta = 0, or a challenger without
power, will alone deters; a defender without power, its protectors too, deters nobody.
"""

from math import prod

from ...scenario import Scenario
from ...world import BARE
from .limit import EXACT, Check, Limit, Runner, Sweep, exactly

WHOLE, SPLIT = ("C1", "D1", ("P1",)), ("C2", "D2", ("L2", "R2"))
Side = tuple[str, str, tuple[str, ...]]
"""A challenger, a defender and the defender's protectors."""


def twin(scenario: Scenario, *overrides: str) -> Scenario:
    """Return the scenario with C2 and D2 as strong as C1 and D1, and P1 as L2 and R2 together.

    Args:
        scenario: What is simulated.
        overrides: Applied first.
    """
    changed = scenario.with_(*overrides) if overrides else scenario
    force = dict(zip(changed.states, changed.world().force.tolist(), strict=True))
    return changed.with_(
        f"states.P1.force={force['L2'] + force['R2']!r}",
        f"states.C2.force={force['C1']!r}",
        f"states.D2.force={force['D1']!r}",
    )


def parts(scenario: Scenario, side: Side) -> tuple[float, float]:
    """Return will and the balance before its weight, R / (1 + R), of a challenger and a defender.

    Args:
        scenario: What is simulated.
        side: Whose.
    """
    params, world, relations = scenario.params(), scenario.world(), scenario.spec.relations
    place = {code: at for at, code in enumerate(scenario.states)}
    i, j, guards = place[side[0]], place[side[1]], [place[code] for code in side[2]]
    fire = params.states.alpha * params.states.baseline_fire * world.force
    power = [max(float(one), BARE * float(params.rules.perceive.point)) for one in fire]
    table = params.wiring.pair.to_table
    share, reach = float(params.rules.escalate.hard_share), table(params.relations.reach)
    stake = float(table(params.relations.stake)[j, i])
    comes = []
    for k in guards:
        (at,) = (n for n, one in enumerate(relations.alliances) if place[one.protector] == k)
        promise = float(params.relations.commitment[at]) * float(world.readiness[k])
        comes.append(promise * share * float(params.relations.at_stake[at]))
    will = 1.0 - (1.0 - share * stake) * prod(1.0 - one for one in comes)
    helped = sum(one * float(reach[k, i]) * power[k] for one, k in zip(comes, guards, strict=True))
    theirs, mine = power[j] + helped, float(reach[i, j]) * power[i]
    return will, theirs / (theirs + mine)


def deters(scenario: Scenario, side: Side = WHOLE) -> float:
    """Return what a challenger must reckon with.

    Args:
        scenario: What is simulated.
        side: Which challenger, and of whom.
    """
    will, odds = parts(scenario, side)
    rule = scenario.params().rules.escalate
    return float(rule.deterrence) * will * odds ** float(rule.balance)


def seen(scenario: Scenario, runner: Runner) -> tuple[float, float]:
    """Return the deterrence that C1 and C2 reckon with in the first week of a run.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    found = runner.run_once(scenario, "full").by_pair("deterrence")[0, 0]
    place = {code: at for at, code in enumerate(scenario.states)}
    one, two = (float(found[place[side[0]], place[side[1]]]) for side in (WHOLE, SPLIT))
    return one, two


def checks(scenario: Scenario, runner: Runner) -> list[Check]:
    """Check deterrence, that splitting keeps the power, and what no weight and no power give.

    Args:
        scenario: What is simulated.
        runner: How runs are simulated.
    """
    alike, weight = twin(scenario), float(scenario.params().rules.escalate.deterrence)
    (will, _), (of_both, _) = parts(alike, WHOLE), parts(alike, SPLIT)
    whole, split = seen(alike, runner)
    will_alone = seen(twin(scenario, "rules.escalate.balance=0"), runner)
    without_challenger = seen(twin(scenario, "states.C1.force=0"), runner)
    nobody = [f"states.{code}.force=0" for code in ("D1", "L2", "R2")]
    without_defender = seen(twin(scenario, *nobody), runner)
    return [
        exactly("deterrence, one protector", deters(scenario), seen(scenario, runner)[0], EXACT),
        exactly("balance, the protector split in two", whole / will, split / of_both, EXACT),
        exactly("deterrence at beta = 0", weight * will, will_alone[0], EXACT),
        exactly("the same, two protectors", weight * of_both, will_alone[1], EXACT),
        exactly(
            "deterrence, a challenger without power", weight * will, without_challenger[0], EXACT
        ),
        exactly("deterrence, a defence without power", 0.0, without_defender[0], EXACT),
    ]


def describe(scenario: Scenario) -> str:
    """Return will, balance and its weight as text."""
    (will, odds), rule = parts(scenario, WHOLE), scenario.params().rules.escalate
    return f"will={will:.3g} R/(1+R)={odds:.3g} beta={float(rule.balance):.3g}"


BALANCE = Limit(
    name="balance",
    model="Will and balance",
    result="deterrence is will times the balance; beta = 0: will alone; split protectors add alike",
    theory=deters,
    checks=checks,
    describe=describe,
    sweep=Sweep("rules.escalate.balance", 0.0, 4.0, "beta", "deterrence"),
    drawn={
        "states.C1.force": (20.0, 300.0),
        "states.D1.force": (20.0, 300.0),
        "states.L2.force": (20.0, 300.0),
        "states.R2.force": (20.0, 300.0),
        "rules.escalate.balance": (1.0, 4.0),
        "rules.escalate.hard_share": (0.2, 1.0),
        "rules.escalate.deterrence": (0.2, 1.0),
    },
    free=("states.*.force", "states.*.readiness", "states.*.baseline_fire"),
)
