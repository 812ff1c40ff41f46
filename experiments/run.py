"""One job from a checkout: `python -m experiments.run` takes what `armsflow` takes."""

from sim.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
