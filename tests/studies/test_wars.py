"""Wars of drawn worlds: which are counted, when they end, and what is said of them."""

from pathlib import Path

import pandas as pd
import pytest

from sim.studies import wars

pytestmark = pytest.mark.usefixtures("unchecked")


def test_wars_of_drawn_worlds_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wars, "BEGIN", 26)
    table = wars.wars(4)
    assert set(table["world"]) <= set(range(4))
    assert table["given"].any()
    assert not table["months"].isna().any()
    assert (table["months"] > 0.0).all()
    first = table[(table["world"] == 2) & table["given"]]
    assert ["S001", "S002"] in first[["one", "other"]].to_numpy().tolist()


def test_a_war_that_goes_on_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no settlement can be secured and nobody is beaten or tired, a war has no end."""
    shipped = wars.load
    endless = [f"rules.fight.{name}=0" for name in ("defeat", "exhaustion", "settlement")]
    monkeypatch.setattr(wars, "load", lambda name, keys: shipped(name, [*keys, *endless]))
    monkeypatch.setattr(wars, "MOST", 40)
    table = wars.wars(3)
    assert len(table) > 0
    assert (table["end"] == "goes on").all()
    assert wars.lines(table)[2].startswith(f"| all | {len(table)} | {len(table)} | 0.00 | - |")


def test_durations_are_told_and_drawn_by_how_wars_came(tmp_path: Path) -> None:
    rows = [(n, "S001", "S002", n < 5, 0, 52.0 * (n + 1), "defeat") for n in range(9)]
    names = ["world", "one", "other", "given", "began", "over", "end"]
    table = pd.DataFrame(rows, columns=names).assign(months=[12.0 * (n + 1) for n in range(9)])
    found = wars.lines(table)
    assert found[2].split(" | ")[1:7] == ["9", "0", "1.00", "21.6", "36.0", "60.0"]
    assert found[3].startswith("| given at the start | 5 | 0 |")
    wars.draw(table, tmp_path / "wars.png")
    assert (tmp_path / "wars.png").stat().st_size > 1000
