"""What there is to choose from, as frames: scenarios, doctrines, metrics."""

from typing import TYPE_CHECKING

from .metrics import METRICS
from .scenario.files import names, shipped

if TYPE_CHECKING:
    import pandas as pd


def list_scenarios() -> "pd.DataFrame":
    """Return the shipped scenarios: title, number of states, weeks; indexed by name.

    Examples:
        >>> int(sim.list_scenarios().loc["arms_race_dyad", "states"])
        2
    """
    return _titled("scenario", ("weeks",), sizes=("states", "munitions", "routes"))


def list_doctrines() -> "pd.DataFrame":
    """Return the shipped doctrines: title, and the rule of each desk; indexed by name.

    Examples:
        >>> "restraint" in sim.list_doctrines().index
        True
    """
    import pandas as pd

    rows = []
    for name in names("doctrine"):
        doctrine = shipped("doctrine", name)
        desks = {
            desk: entry if isinstance(entry, str) else entry.get("rule", "")
            for desk, entry in doctrine.get("desks", {}).items()
        }
        rows.append({"name": name, "title": doctrine.get("title", ""), **desks})
    return pd.DataFrame(rows).set_index("name")


def list_metrics() -> "pd.DataFrame":
    """Return every metric: what it is measured for, unit, definition; indexed by name.

    Examples:
        >>> sim.list_metrics().loc["stock", "unit"]
        'units'
    """
    import pandas as pd

    rows = [
        {
            "name": metric.name,
            "by": metric.axes,
            "unit": metric.unit,
            "definition": metric.definition,
            "summaries": ", ".join(metric.reduce),
        }
        for metric in METRICS
    ]
    return pd.DataFrame(rows).set_index("name")


def _titled(group: str, plain: tuple[str, ...], sizes: tuple[str, ...]) -> "pd.DataFrame":
    """Return the titles of a group of files, with some of their keys and how many of others."""
    import pandas as pd

    rows = []
    for name in names(group):
        data = shipped(group, name)
        row = {"name": name, "title": data.get("title", "")}
        row |= {key: len(data.get(key) or ()) for key in sizes}
        row |= {key: data.get(key) for key in plain}
        rows.append(row)
    return pd.DataFrame(rows).set_index("name")
