"""Programs as they are shipped; all other tests have theirs optimised little."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PROGRAMS: dict[Any, Any] = {}
"""Those that this process has compiled so, for all tests."""


@contextmanager
def optimised() -> Iterator[None]:
    """Compile as shipped, also in processes begun inside.

    It takes three times as long, and the runs a third of the time.
    """
    from sim.engines import compiled  # not above: there may be no JAX

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_PROGRAMS", PROGRAMS)
        patch.delitem(compiled.CPU_OPTIONS, "xla_backend_optimization_level", raising=False)
        patch.delenv("XLA_FLAGS", raising=False)
        yield
