"""The command `armsflow-app`: its keys, and what it refuses."""

import socket
from pathlib import Path

import pytest

from sim.app import main as command
from sim.app.main import Options, main, parse_options


def test_what_is_typed_is_what_is_served(tmp_path: Path) -> None:
    typed = ["host=0.0.0.0", "port=9000", f"data={tmp_path}", "show=false", "engine=reference"]
    assert parse_options(typed) == Options("0.0.0.0", 9000, tmp_path, False, "reference")
    assert parse_options([]).local
    assert not parse_options(["host=0.0.0.0"]).local


def test_all_that_is_wrong_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = [
        *("port=99999", "hst=1", "show=yes", "show=true", "engine=fast", "data=", "port"),
        "host=no.such.host.invalid",
    ]
    assert main(wrong) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == len(wrong)
    assert "nearest right key: host" in said.err


def test_a_port_in_use_and_a_file_for_a_folder_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main([f"data={file}"]) == 2
    assert main([f"data={file / 'below'}", "port=0"]) == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main([f"port={taken.getsockname()[1]}", f"data={tmp_path / 'new'}"]) == 2
    assert not (tmp_path / "new").exists()
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_without_nicegui_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "find_spec", lambda name: None)
    assert main(["port=x"]) == 2
    assert "armsflow[app]" in capsys.readouterr().err


def test_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{key}=" in said for key in command.READERS)
