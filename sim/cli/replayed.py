"""`armsflow replay=FILE`: an exported seminar, simulated again from its log."""

from collections.abc import Sequence
from pathlib import Path

from .overrides import InputError


def replay_seminar(arguments: Sequence[str]) -> int:
    """Replay an exported seminar, and print whether it is bit for bit what was simulated.

    Args:
        arguments: `replay=FILE`, alone.

    Returns:
        The exit code: 0 for the same worlds, 1 for others.

    Raises:
        InputError: Other keys stand beside it, or the file is not an exported seminar.
    """
    from ..app.seminar.replay import BrokenFileError, replay_lines

    if len(arguments) > 1:
        raise InputError("replay: stands alone, without other keys")
    try:
        lines, same = replay_lines(Path(arguments[0].partition("=")[2]))
    except BrokenFileError as error:
        raise InputError(f"replay: {error}") from None
    print("\n".join(lines))
    return 0 if same else 1
