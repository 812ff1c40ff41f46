"""The grammar of overrides: text as Hydra reads it, and plain data as text that it reads back."""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_SHOWN = 200
"""Characters of an override in a message."""

_BARE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*|\d{4}-\d\d-\d\d")
_NEVER_BARE = {"true", "false", "null", "nan", "inf"}


def read_override(text: str) -> Any:
    """Return an override as Hydra's parser reads it (`hydra.core.override_parser.types.Override`).

    Raises:
        ValueError: It is not of the grammar; in a sentence.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(text)
    except (HydraException, RecursionError):
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[:80]}..."
        raise ValueError(f"{shown}: not of the form key=value") from None
    except ValueError:  # Python reads some thousand digits
        key = text.partition("=")[0]
        raise ValueError(f"{key}: a number has more digits than are read") from None


def override_text(value: Any) -> str:
    """Return a value as it stands in an override, behind the `=`."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{override_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(override_text, value)) + "]"
    if isinstance(value, int | float):
        return repr(value)
    if _BARE.fullmatch(value) and value.lower() not in _NEVER_BARE:
        return str(value)
    return quoted(str(value))


def quoted(text: str) -> str:
    """Return text in quotes, as Hydra reads it back: a backslash counts before a quote alone."""
    inside = re.sub(r"(\\*)'", r"\1\1\\'", text)
    closing = re.search(r"\\*$", inside)
    return f"'{inside}{closing[0] if closing else ''}'"
