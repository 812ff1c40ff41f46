"""`python -m experiments.plausibility [runs=400] [seed=0] [workers=2] [strict=1]`.

Is the default scenario plausible? Prints a line a finding: verdict, number, interval and the range
wanted. The whole interval must lie in it; with strict=0, for few runs, a part of it. Exit code 1
if a finding fails, 2 for a key or a value that does not fit.
"""

import sys
import time

from sim.analysis.plausibility import findings

DEFAULTS = {"runs": 400, "seed": 0, "workers": 2, "strict": 1}


def main(arguments: list[str]) -> int:
    """Run the findings and print them."""
    chosen = dict(DEFAULTS)
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key not in DEFAULTS or not value.isdecimal():
            print(f"{argument}: takes {', '.join(DEFAULTS)}, each =NUMBER", file=sys.stderr)
            return 2
        chosen[key] = int(value)
    start = time.perf_counter()
    lines = findings(chosen["runs"], chosen["seed"], workers=chosen["workers"])
    strict = chosen["strict"] > 0
    for line in lines:
        print(line.told(strict))
    failed = sum(not line.holds(strict) for line in lines)
    took = time.perf_counter() - start
    word = "hold" if strict else "are not contradicted (strict=0)"
    print(f"{len(lines) - failed} of {len(lines)} {word}, {chosen['runs']} runs, {took:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
