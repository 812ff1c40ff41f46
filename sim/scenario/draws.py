"""What runs draw for themselves: each number from its prior, or all from a row of the posterior."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float64, UInt64

from .. import noise
from .parameters import Parameters
from .priors import Cells, quantiles
from .schema import Prior


def drawn_numbers(
    uncertain: Mapping[str, tuple[Prior, Cells]],
    posterior: Parameters | None,
    keys: UInt64[np.ndarray, "run 2"],
) -> dict[str, Float64[np.ndarray, " run"]]:
    """Return the numbers of some runs by path.

    Args:
        uncertain: The priors to draw from, by path.
        posterior: What goes before a prior that it was made from.
        keys: The runs' keys.
    """
    laws = {path: prior.law for path, (prior, _) in uncertain.items()}
    found = posterior.draw(keys, posterior.in_use(laws)) if posterior else {}
    rest = [path for path in uncertain if path not in found]
    uniforms = noise.initial_uniforms(keys, [f"prior:{path}" for path in rest])
    for path, row in zip(rest, uniforms, strict=True):
        found[path] = quantiles(uncertain[path][0], row)
    return found
