"""`python -m experiments.observations results=DIR [file=CSV] [out=DIR]`: what was seen or said.

Holds the observations of a job's scenario, or of a file, against its runs: prints where each lies
among them, its score, and how many lie in the bands; writes scores.csv and a figure.

    results=DIR     a job with record=weekly, or full if routes are observed
    file=CSV        in place of the scenario's: date, quantity, and as needed kind (claim, truth,
                    bound), issuer, office, state, from, to, value, low, high, source
    out=DIR         results/.../observations if not given

Exit code 2 for a key or a value that does not fit.
"""

import sys
from pathlib import Path

import pandas as pd

from sim.analysis.observation_scores import IN_BANDS, checked, scores
from sim.plots.observed import observed
from sim.plots.style import look, write
from sim.results.intervals import wilson
from sim.results.results import open_results
from sim.results.store import OutputError, atomic_write
from sim.scenario.observed import read_observations

KEYS = ("results", "file", "out")


def lines(table: pd.DataFrame) -> list[str]:
    """Return what is printed: a line per observation, then how many lie in the bands."""
    found = []
    for row in table.to_dict("records"):
        head = f"{row['date']} {row['kind']} {row['issuer']} {row['quantity']} {row['who']}:"
        span = f"5-95 % {row['5%']:,.4g} to {row['95%']:,.4g}"
        if pd.notna(row["value"]):
            text = f"{row['value']:,.4g}, {span}, rank {row['rank']:.2f}, CRPS {row['crps']:,.3g}"
        else:
            text = f"{row['low']:,.4g} to {row['high']:,.4g}, {span}, kept by {row['kept']:.0%}"
        found.append(f"{' '.join(head.split())} {text}")
    values = table[table["value"].notna()]
    for name in IN_BANDS if len(values) else ():
        inside = int(values[name].sum())
        low, high = wilson(inside, len(values))
        share = f"{inside} of {len(values)} [{low:.0%}, {high:.0%}]"
        found.append(f"in the {name.removeprefix('in_')} % band: {share}")
    return found


def main(arguments: list[str]) -> int:
    """Score, print and draw."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    pairs = [argument.partition("=") for argument in arguments]
    wrong = [f"{''.join(pair)}: takes {', '.join(KEYS)}" for pair in pairs if pair[0] not in KEYS]
    texts = {key: value for key, _, value in pairs}
    wrong += [] if texts.get("results") else ["results: is missing"]
    try:
        if wrong:
            raise ValueError("\n".join(wrong))
        results = open_results(texts["results"])
        rows = read_observations(texts["file"]) if "file" in texts else None
        seen = results.scenario.observations if rows is None else checked(results, rows)
        table = scores(results, seen)
        with look():
            drawn = observed(results, seen)
    except (OutputError, ValueError, LookupError) as error:
        print(error.args[0] if isinstance(error, LookupError) else error, file=sys.stderr)
        return 2
    print("\n".join(lines(table)) if len(table) else "nothing was observed in these weeks")
    folder = Path(texts["out"]) if "out" in texts else results.path / "observations"
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / "scores.csv") as file:
        table.to_csv(file, index=False)
    if drawn is not None:
        print(write(drawn, folder / "observations.png"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
