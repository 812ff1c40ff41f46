"""The public names are typed: a script that uses them all passes `mypy --strict`."""

from pathlib import Path

import pytest
from mypy import api as mypy

import sim

HERE = Path(__file__).parent
SCRIPT = HERE / "typed_script.py"
MISTAKES = {
    "sim.missile()": "attr-defined",
    "frame: int = sim.open_results('x').plot.containers()": "assignment",
    "sim.run(sim.load(), runs='many')": "arg-type",
    "sim.run(sim.load(), luck=1)": "call-arg",
    "sim.load().with_policy('KOR', 7)": "arg-type",
    "sim.open_results('x', trust_code='yes')": "arg-type",
    "sim.data.sipri_spending('x').columns = 7": "assignment",
    "sim.desk('crisis')(len)(7)": "arg-type",
}
"""Lines in which a type checker must find just this."""
INNER = "dask.*,dask_jobqueue.*,distributed.*,IPython.*,jax.*,jaxlib.*,scipy.*,sqlalchemy.*"
SETTINGS = f"[mypy]\n[mypy-{INNER}]\nfollow_imports = skip\nfollow_imports_for_stubs = true\n"
"""What no public name takes or gives is not read: it would take as long as all the rest."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("typing")]


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What `mypy --strict` finds in the script and in a file of mistakes, by the file's name.

    Both lie in a folder without settings for them, as a user's script does, and are checked in one
    go: what they import takes far longer than they.
    """
    folder = tmp_path_factory.mktemp("typing")
    (folder / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    (folder / "mistakes.py").write_text("\n".join(["import sim", *MISTAKES, ""]), encoding="utf-8")
    (folder / "inner.ini").write_text(SETTINGS, encoding="utf-8")
    options = [
        "--config-file=inner.ini",
        "--strict",
        "--follow-imports=silent",
        "--no-error-summary",
        "--hide-error-context",
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MYPYPATH", str(HERE.parent))
        found, failed, _ = mypy.run([*options, "--cache-dir=cache", SCRIPT.name, "mistakes.py"])
    assert failed == ""
    lines = [line for line in found.splitlines() if " error: " in line]
    return {
        name: [line.removeprefix(f"{name}:") for line in lines if line.startswith(f"{name}:")]
        for name in (SCRIPT.name, "mistakes.py")
    }


def test_a_script_over_the_public_names_passes(errors: dict[str, list[str]]) -> None:
    assert errors[SCRIPT.name] == []


def test_mistakes_are_found(errors: dict[str, list[str]]) -> None:
    expected = [f"{row}: {code}" for row, code in enumerate(MISTAKES.values(), 2)]
    found = [f"{e.partition(':')[0]}: {e.rpartition('[')[2][:-1]}" for e in errors["mistakes.py"]]
    assert found == expected


def test_the_script_uses_every_public_name() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    names = [*sim.__all__, *(f"data.{name}" for name in sim.data.__all__)]
    assert [name for name in names if f"sim.{name}" not in text] == []
