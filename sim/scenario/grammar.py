"""The grammar of overrides: plain data as text that Hydra reads back."""

import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*|\d{4}-\d\d-\d\d")
_NEVER_BARE = {"true", "false", "null", "nan", "inf"}


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
