"""What a command says on stderr: errors, warnings, how it ended."""

import sys
import tempfile
import traceback
from collections.abc import Iterable

from ..ensemble.interrupts import Terminated


def print_error(message: str, code: int) -> int:
    """Print a message and return the exit code that goes with it.

    Args:
        message: A sentence, or several lines of them.
        code: The exit code.
    """
    print(message, file=sys.stderr)
    return code


def print_warnings(sentences: Iterable[str]) -> None:
    """Say what of a scenario is cut or has no effect.

    Args:
        sentences: As `Scenario.warnings` holds them.
    """
    for sentence in sentences:
        print(f"warning: {sentence}", file=sys.stderr)


def print_ending(error: KeyboardInterrupt, advice: str = "") -> int:
    """Say that the command was interrupted or terminated, and what to do now.

    Args:
        error: How it was ended.
        advice: What to do now.

    Returns:
        The exit code.
    """
    what, code = ("terminated", 143) if isinstance(error, Terminated) else ("interrupted", 130)
    return print_error(f"{what}; {advice}" if advice else what, code)


def fault(error: Exception) -> str:
    """Return a sentence about a fault of the program, and put its traceback into a file.

    Args:
        error: What nobody foresaw.
    """
    said = f"a fault of armsflow, not of your input: {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="armsflow-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return said.partition("\n")[0]
    return f"{said.partition(chr(10))[0]}; where it happened is in {file.name}"
