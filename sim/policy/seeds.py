"""The master seed that is meant, whichever of Mesa's ways to give one was taken."""

import secrets
from operator import index
from typing import Any

import numpy as np


def master_seed(rng: Any, seed: Any) -> int:
    """Return the master seed that any of Mesa's ways to give one means.

    Args:
        rng: What was given as `rng`.
        seed: What was given as `seed`.

    Raises:
        ValueError: It is given twice.
        TypeError: It is none.
    """
    if rng is not None and seed is not None:
        raise ValueError("rng and seed: two names of one number; give one of them")
    given = seed if rng is None else rng
    if given is None:
        return secrets.randbits(32)
    if isinstance(given, np.random.BitGenerator):
        given = np.random.Generator(given)
    if isinstance(given, np.random.Generator):
        return int(given.integers(2**64, dtype=np.uint64))
    if isinstance(given, list | tuple):
        given = np.random.SeedSequence(given)
    if isinstance(given, np.random.SeedSequence):
        return int(given.generate_state(1, np.uint64)[0])
    return index(given)
