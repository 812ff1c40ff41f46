"""Configuration files, read as plain data: nothing in a file can run, grow or reach outside."""

import os
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar

import yaml

from .problems import ScenarioError, nearest

LARGEST_FILE = 2_000_000
MOST_ENTRIES = 120_000
DEEPEST = 32
GROUPS = ("scenario", "rules", "doctrine")

# With libyaml where it is there: ten times as fast, the same language.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))$|\.(?:nan|NaN|NAN)$"
)


class _Loader(_Base):
    """Plain YAML: dates stay text, `1e-3` is a number, `on` is text, a key stands once."""

    # one table for the class, as PyYAML has it: add_implicit_resolver fills it below
    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping, whose keys must differ.

        Args:
            node: Of the mapping.
            deep: As of PyYAML.
        """
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"'{key.value}' stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping

    def construct_yaml_int(self, node: Any) -> int:
        """Return a whole number; Python reads some thousand digits.

        Args:
            node: Of the number.
        """
        try:
            return int(node.value.replace("_", ""))
        except ValueError:
            raise yaml.MarkedYAMLError(
                problem="a number has more digits than are read", problem_mark=node.start_mark
            ) from None


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile("[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789")
)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)


def local_path(given: str | os.PathLike[str]) -> Path:
    """Return the path of a local file or folder, as a user wrote it; `~` is the home folder.

    `s3:bucket` is a folder of that name. Libraries would take it for an address, so such a path is
    made absolute, which none of them does.

    Raises:
        ValueError: It is an address, such as s3://bucket/x.
    """
    text = os.path.expanduser(os.fspath(given))
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        raise ValueError(f"{text}: is an address; only files of this machine are read and written")
    path = Path(text)
    return path.absolute() if ":" in text or text.startswith("~") else path


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read the mapping that a file holds, as plain data.

    Raises:
        ScenarioError: The file cannot be read, is not UTF-8, is larger than 2 MB, is not YAML or
            not a mapping, or holds an anchor, a tag, an interpolation or a key of Hydra's.
    """
    path = _own_file(path)
    return _harmless(*_parsed(_read(path), str(path)), str(path))


def yaml_text(text: str, name: str) -> dict[str, Any]:
    """Return the mapping that a text holds, as plain data.

    Args:
        text: What was given, whatever it is.
        name: What messages call it.

    Raises:
        ScenarioError: As of `read_yaml`.
    """
    return _harmless(*_parsed(text.encode(errors="surrogatepass"), name), name)


def read_settings(path: str | Path) -> dict[str, Any]:
    """Read the settings of an experiment, which may hold interpolations and keys of Hydra's.

    Raises:
        ScenarioError: As of `read_yaml`.
    """
    path = Path(path)
    return _parsed(_read(path), str(path))[0]


def _read(path: Path) -> bytes:
    """Return what a file holds, or as much of it as shows that it is too large."""
    try:
        # a pipe would wait for ever, a device never end
        raw = None if path.exists() and not path.is_file() else _begun(path)
    except (OSError, ValueError) as error:  # a name may hold what no name may
        raise ScenarioError([f"{path}: {getattr(error, 'strerror', error)}"]) from None
    if raw is None:
        raise ScenarioError([f"{path}: is not a file"])
    return raw


def _own_file(given: str | Path) -> Path:
    try:
        return local_path(given)
    except ValueError as error:
        raise ScenarioError([str(error)]) from None


def _begun(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


@cache
def shipped(group: str, name: str) -> dict[str, Any]:
    """Return a file of `configs/`, read once: treat it as read-only.

    Args:
        group: A folder of `configs/`: scenario, rules, doctrine, experiment.
        name: Of the file, without its ending.

    Raises:
        ScenarioError: There is none of that name.
    """
    if name not in names(group):
        raise ScenarioError([f"{group}: there is no '{name}'{nearest(name, names(group))}"])
    path = f"{group}/{name}.yaml"
    return _harmless(*_parsed(shipped_text(group, name).encode(), path), path)


def shipped_text(group: str, name: str) -> str:
    """Return the text of a file of `configs/`, comments and all.

    Args:
        group: A folder of `configs/`, "" for the root.
        name: Of the file, without its ending.
    """
    return (_configs() / group / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def names(group: str) -> tuple[str, ...]:
    """Return the names of the files of a group of `configs/`, sorted."""
    found = [file.name for file in (_configs() / group).iterdir()]
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def _configs() -> Traversable:
    """Return `configs/`: inside the package when installed, beside it in a checkout."""
    inside = files("sim") / "configs"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "configs"


def _parsed(raw: bytes, name: str) -> tuple[dict[str, Any], str]:
    """Return the mapping that a file holds, and its text."""
    if len(raw) > LARGEST_FILE:
        raise ScenarioError([f"{name}: larger than {LARGEST_FILE // 1_000_000} MB"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError([f"{name}: is not UTF-8 text (line {line})"]) from None
    try:
        _refuse_trickery(text, name)
        data = yaml.load(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = raw.count(b"\n", 0, error.position) + 1
        raise ScenarioError([f"{name}: {error.reason} (line {line})"]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1})" if mark else ""
        raise ScenarioError([f"{name}: {error.problem or 'is not YAML'}{where}"]) from None
    if not isinstance(data, dict):
        raise ScenarioError([f"{name}: must hold a mapping of keys to values"])
    return data, text


def _harmless(data: dict[str, Any], text: str, name: str) -> dict[str, Any]:
    """Return data that holds nothing that no scenario may; else name it, with its line."""
    found = unsafe(data)
    if found:
        lines = _lines(text)
        named = ((line, lines.get(line.partition(": ")[0])) for line in found)
        raise ScenarioError(f"{name}: {x}" + (f" (line {at})" if at else "") for x, at in named)
    return data


def _lines(text: str) -> dict[str, int]:
    """Return the line of every key and entry of a file, by dotted path."""
    found: dict[str, int] = {}
    left = [("", yaml.compose(text, Loader=_Base))]
    while left:
        above, node = left.pop()
        if isinstance(node, yaml.MappingNode):
            inner = [(key.value, key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            inner = [(str(place), item, item) for place, item in enumerate(node.value)]
        else:
            continue
        for name, marked, value in inner:
            path = f"{above}.{name}" if above else str(name)
            found.setdefault(path, marked.start_mark.line + 1)
            left.append((path, value))
    return found


def _refuse_trickery(text: str, name: str) -> None:
    """Refuse what no file needs: anchors can explode, tags can construct, depth can exhaust."""
    depth = 0
    event: Any
    for count, event in enumerate(yaml.parse(text, Loader=_Base)):
        line = event.start_mark.line + 1
        if count > MOST_ENTRIES:
            raise ScenarioError([f"{name}: more than {MOST_ENTRIES:,} entries (line {line})"])
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ScenarioError([f"{name}: anchors and aliases are not read (line {line})"])
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
            raise ScenarioError([f"{name}: tags are not read (line {line})"])
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise ScenarioError([f"{name}: nested deeper than {DEEPEST} (line {line})"])


def unsafe(data: Any, path: str = "") -> list[str]:
    """Return what plain data must not hold: interpolations, Hydra's own keys, keys not of text.

    Args:
        data: Plain data.
        path: Where it stands, "" for the root.

    Returns:
        A line for each problem.
    """
    if isinstance(data, str):
        return [f"{path}: interpolations are not read"] if "${" in data else []
    if isinstance(data, list):
        return [line for i, item in enumerate(data) for line in unsafe(item, f"{path}.{i}")]
    if not isinstance(data, dict):
        return []
    found = []
    for key, value in data.items():
        here = f"{path}.{key}" if path else str(key)
        if not isinstance(key, str):
            found.append(f"{here}: a key must be text; write it in quotes")
        elif key == "hydra" or (key.startswith("_") and key.endswith("_")) or "${" in key:
            found.append(f"{here}: this key is not read")
        else:
            found += unsafe(value, here)
    return found
