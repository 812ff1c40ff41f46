"""The table of `docs/ablation.md`."""

from sim.studies.ablation import SWITCHES, Effects, rows

from .markdown import table


def document(found: Effects) -> list[str]:
    """Return the rows of an ablation as a table in Markdown."""
    phases = {switch.name: (switch.phase, switch.overrides) for switch in SWITCHES}
    lines = (
        (name, f"`{' '.join(phases[name][1])}`", count, text) for name, count, text in rows(found)
    )
    return table(("what is switched off", "by", "metrics moved", "most"), lines)
