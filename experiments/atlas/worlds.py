"""The worlds of the atlas: what a class chooses in each, what it then sees, what it is asked.

An answer settles what it sets, the shipped one nothing: its runs draw what the world draws.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """A question to the class and its answers.

    - `options`: what each answer sets, by its words: what an answer does not set is as shipped.
    - `shipped`: the answer of the shipped world.
    """

    question: str
    options: Mapping[str, Mapping[str, Any]]
    shipped: int = 0


@dataclass(frozen=True)
class Measure:
    """What is drawn by week: a column of a table, of one state, pair or route."""

    label: str
    unit: str
    table: str
    column: str
    state: str = ""
    target: str = ""


@dataclass(frozen=True)
class World:
    """A teaching world as an atlas: choices, measures, questions."""

    scenario: str
    title: str
    choices: tuple[Choice, ...]
    measures: tuple[Measure, ...]
    questions: tuple[str, ...]


def _levels(path: str, **values: float) -> dict[str, dict[str, float]]:
    """Return options that set one path, by their words (`_` for a space)."""
    return {label.replace("_", " "): {path: value} for label, value in values.items()}


WORLDS: dict[str, World] = {
    world.scenario: world
    for world in (
        World(
            "arms_race_dyad",
            "An arms race of two: when does it come to rest, and who pays for the fears?",
            (
                Choice(
                    "Red's doctrine",
                    {
                        "races, as shipped": {"states.RED.doctrine": "racer"},
                        "holds what it has": {"states.RED.doctrine": "status_quo"},
                        "restrains itself": {"states.RED.doctrine": "restraint"},
                    },
                ),
                Choice(
                    "How strongly racers react to the other's arms",
                    _levels(
                        "doctrines.racer.desks.procurement.reaction",
                        weakly=0.4,
                        as_shipped=0.8,
                        strongly=1.5,
                    ),
                    1,
                ),
                Choice(
                    "How far both plan for the worst case",
                    _levels("rules.perceive.bias", not_at_all=0.0, half_as_far=0.5, as_shipped=1.0),
                    2,
                ),
                Choice(
                    "Grievances of racers, which need no rival",
                    _levels(
                        "doctrines.racer.desks.procurement.grievance",
                        none=0.0,
                        as_shipped=12.0,
                        twice_as_strong=24.0,
                    ),
                    1,
                ),
            ),
            (
                Measure("Arms of Blue", "units", "weeks", "stock_arms", "BLU"),
                Measure("Arms of Red", "units", "weeks", "stock_arms", "RED"),
                Measure("Treasury of Blue", "USD bn", "weeks", "treasury", "BLU"),
                Measure("Tension, Blue toward Red", "index", "dyads", "tension", "BLU", "RED"),
            ),
            (
                "Before you move anything: will Blue arm more, less or the same"
                " if only Red restrains itself?",
                "Find a setting in which the race does not come to rest. Which"
                " bends first, arms or treasury?",
                "Which of your differences would you call luck? Look at the"
                " interval and at the share of runs.",
            ),
        ),
        World(
            "alliance_chain",
            "A chain of alliances: do promises to small states bind the great ones, and to what?",
            (
                Choice(
                    "The Western client's doctrine",
                    {
                        "would gain by a concession, as shipped": {"states.WCL.doctrine": "client"},
                        "holds what it has": {"states.WCL.doctrine": "status_quo"},
                        "presses and climbs": {"states.WCL.doctrine": "brinkman"},
                    },
                ),
                Choice(
                    "The patrons' promises",
                    {
                        "none": {f"relations.alliances.{n}.commitment": 0.0 for n in (0, 1)},
                        "half-hearted": {
                            f"relations.alliances.{n}.commitment": 0.4 for n in (0, 1)
                        },
                        "firm, as shipped": {
                            f"relations.alliances.{n}.commitment": 0.8 for n in (0, 1)
                        },
                    },
                    2,
                ),
                Choice(
                    "Soldiers of the Western power, thousand",
                    _levels("states.WEST.force", few=40.0, half=400.0, as_shipped=800.0),
                    2,
                ),
                Choice(
                    "What the patrons themselves dispute",
                    _levels("relations.rivalries.3.stake", little=0.2, some=0.5, as_shipped=0.8),
                    2,
                ),
            ),
            (
                Measure(
                    "Tension, Eastern toward Western client",
                    "index",
                    "dyads",
                    "tension",
                    "ECL",
                    "WCL",
                ),
                Measure(
                    "What deters the Eastern client",
                    "probability",
                    "dyads",
                    "deterrence",
                    "ECL",
                    "WCL",
                ),
                Measure("Tension between the patrons", "index", "dyads", "tension", "EAST", "WEST"),
                Measure("New disputes with a threat or more", "pairs", "weeks", "militarised"),
            ),
            (
                "Before you move anything: do firmer promises make the clients'"
                " quarrel rarer, or the patrons' more frequent?",
                "Take the Western power's soldiers away and leave its promise. Who notices?",
                "Find a setting in which the patrons stay out. What did the clients pay for it?",
            ),
        ),
        World(
            "northeast_asia_2023",
            "Munitions for technology in north-east Asia: who gains what, and"
            " what can be done about it?",
            (
                Choice(
                    "North Korea's doctrine",
                    {
                        "sells to the best terms, as shipped": {
                            "states.PRK.doctrine": "opportunist_supplier"
                        },
                        "restrains itself": {"states.PRK.doctrine": "restraint"},
                    },
                ),
                Choice(
                    "How often cargo is taken on the way",
                    _levels("rules.move.interdiction", never=0.0, as_shipped=0.04, ten_times=0.4),
                    1,
                ),
                Choice(
                    "Technology that Russia pays with",
                    {
                        "as shipped": {},
                        "none": {
                            f"states.RUS.desks.transfer.teach.{name}": 0.0
                            for name in (
                                "ammunition",
                                "missile",
                                "nuclear",
                                "satellite",
                                "reconnaissance",
                            )
                        },
                    },
                ),
                Choice(
                    "Exercises of the United States and South Korea",
                    {
                        "as shipped": {},
                        "none": {
                            f"states.{code}.desks.training.size": 0.0 for code in ("USA", "KOR")
                        },
                    },
                ),
                Choice(
                    "How closely observers watch",
                    _levels(
                        "rules.watch.detection", hardly=0.0002, as_shipped=0.0015, closely=0.01
                    ),
                    1,
                ),
            ),
            (
                Measure(
                    "Containers, North Korea to Russia",
                    "containers, cumulative",
                    "routes",
                    "containers",
                    "PRK",
                    "RUS",
                ),
                Measure("Ukrainian casualties", "thousand, cumulative", "weeks", "losses", "UKR"),
                Measure(
                    "North Korea's satellite technology",
                    "level, 1 = frontier",
                    "weeks",
                    "tech_satellite",
                    "PRK",
                ),
                Measure("Tension, mean over pairs", "index", "weeks", "tension_mean"),
            ),
            (
                "Before you move anything: which of the four curves will ten"
                " times the interdiction move most?",
                "Russia pays without technology. What does North Korea lose"
                " within three years, and what not?",
                "Strike out the exercises. Does any curve move by more than luck, and"
                " what does that say of deterrence and of reassurance?",
            ),
        ),
    )
}
