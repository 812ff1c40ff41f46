"""The file of the small world that rules are tested in; `tests/worlds.py` says who is who in it."""

from typing import Any

MAPPING: dict[str, Any] = {
    "start": "2024-01-01",
    "weeks": 26,
    "munitions": {
        "shell": {
            "value": 1e-5,
            "containers": 1 / 450,
            "price": 1e-6,
            "lethality": 2e-5,
            "family": "tube",
            "technology": "ammunition",
        },
        "rocket": {
            "value": 2e-5,
            "containers": 1 / 80,
            "price": 3e-6,
            "lethality": 4e-5,
            "family": "tube",
            "technology": "ammunition",
        },
        "missile": {
            "value": 0.3,
            "containers": 2.0,
            "price": 3e-3,
            "lethality": 5e-3,
            "technology": "missiles",
        },
    },
    "technologies": {
        "ammunition": {"lesson_cost": 6.0},
        "missiles": {
            "role": "tested",
            "lesson_cost": 6.0,
            "first": 0.7,
            "by_tech": 1.0,
            "by_trials": 0.7,
            "per_trial": 0.01,
        },
        "satellite": {
            "role": "launched",
            "lesson_cost": 5.0,
            "first": -2.0,
            "by_tech": 3.0,
            "by_trials": 1.0,
            "per_trial": 0.05,
            "provocation": 3.0,
        },
        "reconnaissance": {"role": "watching", "lesson_cost": 8.0},
    },
    "infrastructure": {"port": {"capacity": 400.0}, "line": {"capacity": 5000.0}},
    "routes": [
        {
            "from": "AAA",
            "to": "BBB",
            "legs": [
                {"weeks": 1.5, "vulnerability": 0.4, "over": "port"},
                {"weeks": 2.0, "over": "line"},
            ],
        },
        {"from": "BBB", "to": "AAA", "legs": [{"weeks": 2.0, "over": "line"}]},
        {"from": "DDD", "to": "CCC", "legs": [{"weeks": 3.0}]},
        {
            "from": "AAA",
            "to": "DDD",
            "legs": [{"weeks": 1.0, "vulnerability": 0.3, "over": "port"}],
        },
        {"from": "EEE", "to": "CCC", "legs": [{"weeks": 4.0, "vulnerability": 0.2}]},
    ],
    "states": {
        code: {
            "doctrine": "status_quo",
            "spending": spending,
            "gdp": 40.0 * spending,
            "treasury": 2.0,
            "force": force,
            "manpower": 2.0 * force,
            "baseline_fire": 0.003,
            "observer": code in ("DDD", "EEE"),
            "nuclear": code in ("AAA", "BBB"),
            "council": {"BBB": "permanent", "DDD": "permanent", "EEE": "elected"}.get(code, "none"),
            "stock": {"shell": 2e6, "rocket": 3e5, "missile": 100.0},
            "capacity": {"shell": 2e4, "rocket": 4e3, "missile": 2.0},
            "war_plan": {"shell": 1e4, "rocket": 2e3, "missile": 1.0},
            "fire_rate": {"shell": 40.0, "rocket": 6.0, "missile": 0.002},
            "tech": {"ammunition": 0.7, "missiles": 0.6, "satellite": 0.3, "reconnaissance": recon},
            "trials": {"missiles": 4},
        }
        for code, spending, force, recon in (
            ("AAA", 10.0, 1000.0, 0.1),
            ("BBB", 150.0, 600.0, 0.5),
            ("CCC", 60.0, 500.0, 0.3),
            ("DDD", 900.0, 400.0, 0.9),
            ("EEE", 50.0, 300.0, 0.6),
        )
    },
    "relations": {
        "affinity": [
            ["AAA", "BBB", 0.4],
            ["AAA", "CCC", -0.6],
            ["AAA", "DDD", -0.8],
            ["AAA", "EEE", -0.7],
            ["BBB", "CCC", -0.9],
            ["BBB", "DDD", -0.5],
            ["CCC", "DDD", 0.6],
            ["DDD", "EEE", 0.8],
        ],
        "alliances": [
            {"protector": "DDD", "protege": "CCC", "commitment": 0.6},
            {"protector": "DDD", "protege": "EEE", "commitment": 0.9, "mutual": True},
        ],
        "rivalries": [
            {"states": ["AAA", "EEE"], "stake": [0.8, 0.6]},
            {"states": ["AAA", "DDD"], "stake": 0.5},
            {"states": ["BBB", "CCC"], "stake": 0.9},
        ],
        "wars": [["BBB", "CCC"]],
        "embargoes": ["AAA"],
        "monitors": {"AAA": 30},
        "interop": [["DDD", "EEE", 0.5]],
        "relevant": "all",
    },
}
