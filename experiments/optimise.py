"""`python -m experiments.optimise [trials=50] [runs=32] [weeks=156] [seed=0] [engine=auto]`.

Where would enforcement be spent best? What the shipped rules give in all to an embargo, a
monitoring body, sanctions and evidence against a route is spread over the four anew, so that as few
containers as possible reach the buyer of the scenario `supplier_and_embargo`, on a sea that is
watched better than the shipped one. Optuna chooses, `sim.run` evaluates:

    trial = study.ask()
    study.tell(trial, delivered(spread({path: trial.suggest_float(path, 0.01, 1) ...})))

All trials have common random numbers, so that two of them differ by the spread alone. Prints a line
per trial that was better than all before, beside the spread as shipped. Exit code 2 for a key or a
value that does not fit.
"""

import sys
import warnings
from collections.abc import Iterator, Mapping

import sim
from experiments.keys import exit_code
from sim.scenario import Scenario

DEFAULTS = {"trials": 50, "runs": 32, "weeks": 156, "seed": 0, "engine": "auto"}
WATCHED = "rules.move.interdiction=0.2"
"""Five times what is shipped: else enforcement takes so little that its spread hardly matters."""
METRIC = "containers_delivered_SUP_BUY_last"
PATHS = tuple(f"rules.move.by_{what}" for what in ("embargo", "monitor", "sanctions", "exposure"))
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 1.0
"""A path's share of all is its weight's share of their sum."""
WIDTHS = (9, 9, 11, 10)


def spread(weights: Mapping[str, float], total: float) -> dict[str, float]:
    """Spread enforcement over PATHS.

    Args:
        weights: By path; a path's share is its weight's share of their sum.
        total: Of what is spread.
    """
    return {path: total * weights[path] / sum(weights.values()) for path in PATHS}


def optimised(
    scenario: Scenario, trials: int, runs: int, seed: int, engine: str
) -> Iterator[tuple[int, dict[str, float], float]]:
    """Search for the spread that lets the fewest containers through.

    Args:
        scenario: With the shipped spread.
        trials: How many spreads are tried.
        runs: Of each trial.
        seed: The master seed, and the sampler's.
        engine: As of `sim.run`.

    Yields:
        Of the spread as shipped (trial 0), and of each trial that was better than all before: its
        number, what it spends on what, and the mean over runs of the containers delivered.
    """
    import optuna

    def delivered(own: Mapping[str, float]) -> float:
        overrides = [f"{path}={value}" for path, value in own.items()]
        results = sim.run(scenario.with_(*overrides), runs, seed, "summary", engine, progress=False)
        return float(results.runs[METRIC].mean())

    rules = scenario.mapping["rules"]["move"]
    shipped = {path: rules[path.rpartition(".")[2]] for path in PATHS}
    total = sum(shipped.values())
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    with warnings.catch_warnings():  # experimental in optuna 2, and so in 3 and 4
        warnings.simplefilter("ignore")
        study.enqueue_trial(shipped)
    best = float("inf")
    for number in range(trials):
        trial = study.ask()
        weights = {path: trial.suggest_float(path, LEAST_WEIGHT, MOST_WEIGHT) for path in PATHS}
        own = spread(weights, total)
        value = delivered(own)
        study.tell(trial, value)
        if value < best:
            best = value
            yield number, own, value


def report(trials: int, runs: int, weeks: int, seed: int, engine: str) -> int:
    """Search and print; return the exit code.

    Args:
        trials: How many spreads are tried.
        runs: Of each trial.
        weeks: Of each run.
        seed: The master seed, and the sampler's.
        engine: As of `sim.run`.
    """
    scenario = sim.load("supplier_and_embargo", [WATCHED, f"weeks={weeks}"])
    print("trial  embargo  monitor  sanctions  exposure  containers delivered")
    for number, own, value in optimised(scenario, trials, runs, seed, engine):
        shares = "".join(
            f"{share:{width}.3f}" for share, width in zip(own.values(), WIDTHS, strict=True)
        )
        print(f"{number:5d}{shares}{value:22,.0f}", flush=True)
    return 0


def main(arguments: list[str]) -> int:
    """Run the command; return its exit code."""
    return exit_code(arguments, __doc__, report, DEFAULTS, needs="optuna")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
