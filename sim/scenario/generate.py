"""Synthetic worlds: N states from a seed, in the format of a scenario file.

Every draw is keyed by the seed and by the codes that it is about, so one more state changes
nothing about the others. States stand in a line, by number; each deals with neighbours at most
`REACH` places away. So a state has about four routes however many states there are. Next neighbours
and pairs with a great power are relevant to each other whatever else they share (Maoz & Russett
1993, "Normative and structural causes of democratic peace").
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..world import YEAR
from .problems import ScenarioError, lines

REACH = 8
GREAT = 300.0
"""Military spending of a great power, USD bn per year, as two states had in 2023."""
DOCTRINES = (
    "restraint",
    "status_quo",
    "opportunist_supplier",
    "opportunist_supplier",
    "besieged_importer",
    "besieged_importer",
    "coalition_enforcer",
    "armed_neutral",
    "tit_for_tat",
)

MUNITIONS: dict[str, dict[str, Any]] = {
    "shell_152": {
        "unit": "rounds",
        "value": 2e-4,
        "containers": 1 / 450,
        "price": 3e-6,
        "lethality": 3e-6,
        "family": "tube",
        "technology": "ammunition",
    },
    "shell_155": {
        "unit": "rounds",
        "value": 2.5e-4,
        "containers": 1 / 450,
        "price": 4e-6,
        "lethality": 3.5e-6,
        "family": "tube",
        "technology": "ammunition",
    },
    "rocket": {
        "unit": "rounds",
        "value": 3e-4,
        "containers": 1 / 80,
        "price": 5e-6,
        "lethality": 4e-6,
        "technology": "ammunition",
    },
    "missile": {
        "unit": "missiles",
        "value": 1.0,
        "containers": 2.0,
        "price": 4e-3,
        "lethality": 1e-2,
        "technology": "missile",
    },
}
TECHNOLOGIES: dict[str, dict[str, Any]] = {
    "ammunition": {"lesson_cost": 2.0, "research": 0.03},
    "missile": {
        "role": "tested",
        "lesson_cost": 4.0,
        "first": 0.5,
        "by_tech": 1.0,
        "by_trials": 0.4,
        "per_trial": 0.01,
    },
    "satellite": {
        "role": "launched",
        "lesson_cost": 4.0,
        "first": -2.0,
        "by_tech": 2.5,
        "by_trials": 0.6,
        "per_trial": 0.05,
        "provocation": 2.0,
    },
    "reconnaissance": {"role": "watching", "lesson_cost": 4.0, "research": 0.03},
}
INFRASTRUCTURE = {"strait": {"capacity": 400.0}, "trunk_line": {"capacity": 600.0}}


class Generate(BaseModel):
    """What a synthetic world is made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    states: Annotated[int, Field(strict=True, ge=2, le=512)] = 8
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**64)] = 0


def generated(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the synthetic world that `generate` describes, {} where that key is not there.

    Raises:
        ScenarioError: All that is wrong with `generate`.
    """
    if "generate" not in data:
        return {}
    try:
        wanted = Generate.model_validate(data["generate"])
    except ValidationError as error:
        raise ScenarioError(lines(error, Generate, "generate")) from None
    return synthetic(wanted.states, wanted.seed)


def synthetic(states: int, seed: int = 0) -> dict[str, Any]:
    """Draw a world of states S001, S002, ... in the format of a scenario file.

    Args:
        states: How many, 2 to 512.
        seed: Of the draws: every seed has its own world.
    """
    codes = [f"S{number:03d}" for number in range(1, states + 1)]
    pairs = [(a, b) for n, a in enumerate(codes) for b in codes[n + 1 : n + 1 + REACH]]
    return {
        "title": f"{states} synthetic states, seed {seed}",
        "start": "2024-01-01",
        "weeks": 156,
        "munitions": {name: dict(traits) for name, traits in MUNITIONS.items()},
        "technologies": {name: dict(traits) for name, traits in TECHNOLOGIES.items()},
        "infrastructure": {name: dict(traits) for name, traits in INFRASTRUCTURE.items()},
        "routes": [route for a, b in pairs for route in _routes(seed, a, b)],
        "states": {code: _state(seed, code) for code in codes},
        "relations": _relations(seed, codes, pairs),
        "exercises": [
            {
                "name": f"Annual {a}-{b}",
                "states": [a, b],
                "kind": ("command_post", "air", "naval", "field")[int(4 * u[0])],
                "week_of_year": 1 + int(YEAR * u[1]),
                "weeks": 1 + int(2 * u[2]),
            }
            for a, b in pairs
            if _alignment(seed, a, b) > 0.5
            for u in [_uniforms(seed, a, b, "exercise")]
        ],
    }


def _uniforms(seed: int, *about: str) -> list[float]:
    """Return eight uniforms in [0, 1), the same for the same seed and names on every machine."""
    digest = blake2b(" ".join([str(seed), *about]).encode(), digest_size=64).digest()
    integers = [int.from_bytes(digest[8 * n : 8 * n + 8], "little") for n in range(8)]
    return [(integer >> 11) * 2.0**-53 for integer in integers]


def _alignment(seed: int, a: str, b: str) -> float:
    """Return affinity in [-1, 1]: how near two states stand on a line of camps, and noise."""
    apart = abs(_uniforms(seed, a, "camp")[0] - _uniforms(seed, b, "camp")[0])
    return max(
        -1.0, min(1.0, 0.8 - 1.8 * apart + 0.4 * (_uniforms(seed, a, b, "affinity")[0] - 0.5))
    )


def _state(seed: int, code: str) -> dict[str, Any]:
    """Draw a state: wealth has a fat tail, forces follow it; stocks last 12 to 100 weeks."""
    wealth, traits, tech = (
        _uniforms(seed, code),
        _uniforms(seed, code, "traits"),
        _uniforms(seed, code, "tech"),
    )
    spending = _spending(seed, code)
    shells = round(2e4 * spending * (0.5 + wealth[1]))
    made = {"shell_152": 0.003, "rocket": 0.0005} if wealth[2] < 0.5 else {"shell_155": 0.004}
    stock = {name: round(shells * share / 0.004) for name, share in made.items()}
    stock["missile"] = round(4.0 * spending * wealth[3])
    capacity = {name: round(held * 0.005, 3) for name, held in stock.items()}
    plan = {name: round(made * (2.0 + 14.0 * wealth[7]), 3) for name, made in capacity.items()}
    force = round(20.0 + 3.0 * spending * (0.5 + wealth[4]), 1)
    seat = traits[1]
    return {
        "name": f"State {int(code[1:])}",
        "doctrine": DOCTRINES[int(len(DOCTRINES) * traits[0])],
        "spending": spending,
        "treasury": round(spending * 0.1, 3),
        "force": force,
        "manpower": round(5.0 * force, 1),
        "readiness": round(0.3 + 0.4 * wealth[5], 3),
        "baseline_fire": 1e-3,
        "unusable_share": round(0.2 * wealth[6], 3),
        "credit": round(spending * 0.05, 3),
        "observer": code == "S001" or traits[2] < 0.1,
        "council": "permanent" if seat < 0.05 else "elected" if seat < 0.15 else "none",
        "nuclear": traits[3] < 0.1,
        "stock": stock,
        "capacity": capacity,
        "war_plan": plan,
        "fire_rate": {name: round(planned / force, 6) for name, planned in plan.items()},
        "tech": {
            name: round(0.2 + 0.7 * u, 3) for name, u in zip(TECHNOLOGIES, tech, strict=False)
        },
        "trials": {"missile": int(20 * tech[6])},
    }


def _routes(seed: int, a: str, b: str) -> Iterator[dict[str, Any]]:
    """Draw each way with a chance of a quarter; next neighbours always trade one way."""
    u = _uniforms(seed, a, b, "route")
    close = int(b[1:]) - int(a[1:]) == 1
    for source, target, chance, by_sea in ((a, b, u[0], u[2]), (b, a, u[1], u[3])):
        if chance < 0.25 or (close and source == a):
            land = {"name": "rail", "weeks": round(1.0 + 2.0 * u[4], 2)}
            if u[5] < 0.3:
                land["over"] = "trunk_line"
            sea = {"name": "sea", "weeks": 1.5, "vulnerability": 0.2, "over": "strait"}
            yield {"from": source, "to": target, "legs": [sea, land] if by_sea < 0.4 else [land]}


def _relations(seed: int, codes: list[str], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Draw relations: friends ally, the estranged are rivals, a few rivals are at war."""
    alignment = {pair: _alignment(seed, *pair) for pair in pairs}
    rivals = {pair: _uniforms(seed, *pair, "rivalry") for pair in pairs if alignment[pair] < -0.2}
    friends = {pair: _uniforms(seed, *pair, "alliance") for pair in pairs if alignment[pair] > 0.4}
    wars = [pair for pair, u in rivals.items() if u[2] < 0.15]
    embargoes = [code for code in codes if _uniforms(seed, code, "embargo")[0] < 0.06]
    return {
        "affinity": [[*pair, round(value, 3)] for pair, value in alignment.items()],
        "alliances": [
            {
                "protector": pair[0],
                "protege": pair[1],
                "commitment": round(0.5 + 0.5 * u[0], 3),
                "mutual": u[1] < 0.7,
            }
            for pair, u in friends.items()
        ],
        "rivalries": [
            {"states": [*pair], "stake": [round(0.2 + 0.7 * x, 3) for x in u[:2]]}
            for pair, u in rivals.items()
        ],
        "wars": [[*pair] for pair in wars],
        "levels": [
            [*pair, 1 + int(2 * u[4])]
            for pair, u in rivals.items()
            if u[3] < 0.2 and pair not in wars
        ],
        "interop": [[*pair, round(0.6 * u[2], 3)] for pair, u in friends.items()],
        "relevant": _relevant(seed, codes),
        "embargoes": embargoes,
        "monitors": {code: 26 for code in embargoes if _uniforms(seed, code, "embargo")[1] < 0.7},
    }


def _spending(seed: int, code: str) -> float:
    """Draw military spending, USD bn per year."""
    return round(min(4.0 / (1.0 - _uniforms(seed, code)[0]) ** 0.9, 1000.0), 2)


def _relevant(seed: int, codes: list[str]) -> list[list[str]]:
    """Return next neighbours, and pairs with a great power."""
    great = {code for code in codes if _spending(seed, code) >= GREAT}
    return [
        [a, b]
        for n, a in enumerate(codes)
        for b in codes[n + 1 :]
        if b in codes[n + 1 : n + 2] or a in great or b in great
    ]
