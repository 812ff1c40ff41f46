"""On what it was measured, and how many lines each side has."""

import ast
import io
import os
import platform
import tokenize
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from experiments.benchmark.speed import cores

ROOT = Path(__file__).parents[2]
PACKAGES = ("armsflow", "python", "numpy", "mesa", "jax", "jaxlib", "pandas", "pyarrow")
PARTS = {
    "peer": ("tests/oracle/[!t]*.py",),
    "rules": ("sim/rules/*.py", "sim/desks/*.py", "sim/arrays.py"),
    "metrics": ("sim/metrics.py", "sim/quantities.py"),
    "reference": ("sim/engines/reference.py", "sim/rules/bounds.py"),
    "compiled": (
        *(f"sim/engines/{n}.py" for n in ("compiled", "structure", "blocks")),
        "sim/scenario/tree.py",
        "sim/rules/bounds.py",
    ),
}
"""What belongs to which side; scenarios, noise and the names of fields serve both."""

LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
}
"""Tokens that say nothing to the interpreter but how lines belong together."""


def machine() -> dict[str, Any]:
    """The processor, its cores that we may use, memory, system."""
    told = _processor()
    return {
        "processor": told.get("model name", platform.machine()),
        "family": f"family {told.get('cpu family', '?')}, model {told.get('model', '?')}",
        "virtual": "hypervisor" in told.get("flags", ""),
        "cores": len(cores()),
        "memory": psutil.virtual_memory().total,
        "system": platform.system(),
        **{name: version(name) for name in PACKAGES if name != "python"},
        "python": platform.python_version(),
    }


def _processor() -> dict[str, str]:
    """What Linux says of its first processor; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return {}
    first = path.read_text("utf-8").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def load() -> float:
    """How many processes wanted a core in the last minute, on average."""
    return os.getloadavg()[0]


def processor_time() -> tuple[float, float]:
    """Seconds that all cores have worked for anybody, and those for us and ours that have ended."""
    told = psutil.cpu_times()
    idle = told.idle + getattr(told, "iowait", 0.0)
    counted_twice = getattr(told, "guest", 0.0) + getattr(told, "guest_nice", 0.0)
    return sum(told) - idle - counted_twice, sum(os.times()[:4])


def lines() -> dict[str, int]:
    """Lines of code by part: those that hold code, without comments, docstrings and blank ones."""
    return {
        part: sum(_code_lines(f.read_text("utf-8")) for path in paths for f in ROOT.glob(path))
        for part, paths in PARTS.items()
    }


def _code_lines(text: str) -> int:
    """How many lines hold something other than a comment or a string that stands alone."""
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            code.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(code)
