"""What commands of experiments read alike: a key and its value, KEY=VALUE."""


def whole(key: str, value: str, least: int) -> int:
    """The whole number of a key.

    Raises:
        ValueError: It is none, or less than the least.
    """
    if not value.isdecimal() or int(value) < least:
        raise ValueError(f"{key}: {value!r} is no whole number from {least} up")
    return int(value)
