"""The lesson kit: numbers of its answer keys, its commands, its plan, its sheets."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from experiments.atlas.__main__ import DEFAULTS
from experiments.atlas.worlds import WORLDS
from experiments.counterfactual import parsed
from experiments.lessons import key, kit, sheets
from experiments.lessons.__main__ import main
from sim.cli.request import parse_request

pytest.importorskip("jax", reason="many runs are played by the compiled engine")
pytest.importorskip("markdown_it", reason="sheets are made by markdown-it-py, which rich brings")
pytestmark = pytest.mark.usefixtures("unchecked")

MINUTES = 90
FEW_RUNS = 2
OF_THE_ATLAS = DEFAULTS["runs"]
ROWS = {lesson: key.rows_of(kit.text(lesson)) for lesson in kit.LESSONS}
PLAYED = sorted({(lesson, row.scenario) for lesson, rows in ROWS.items() for row in rows})
KEYS = ("Answer key", "Debrief")
NO_NUMBER = re.compile(
    r"<!--=.*?<!--/-->|`[^`]*`|^ {4}.*$|^\|.*$|^\d\. |\*\*Step \d\.\*\*", re.M | re.S
)


def parts(lesson: str) -> dict[str, str]:
    """The sheets of a lesson, marks included."""
    heads = re.split(r"^## (.*)$", kit.text(lesson), flags=re.MULTILINE)
    return dict(zip(heads[1::2], heads[2::2], strict=True))


def commands(lesson: str, start: str) -> list[list[str]]:
    found = re.findall(rf"^    {re.escape(start)} (.*)$", kit.text(lesson), re.MULTILINE)
    return [shlex.split(line) for line in found]


def test_every_number_is_that_of_the_stored_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_a_number_that_is_changed_by_hand_is_seen(lesson: str) -> None:
    text, values = kit.text(lesson), kit.stored()[lesson]["rows"]
    step, cell = re.findall(r"<!--=(\w+)\.(\w+)-->", text)[0]
    right = key.cells(ROWS[lesson][0], *values[ROWS[lesson][0].step])["difference"]
    for wrong in (
        text.replace(f"| {right} |", "| 7.0 [6.0, 8.0] |", 1),
        re.sub(rf"(<!--={step}\.{cell}-->).*?(<!--/-->)", r"\g<1>7\g<2>", text, count=1),
    ):
        assert wrong != text
        assert key.filled(wrong, values) == text
    with pytest.raises(ValueError, match="no cell 99x"):
        key.filled(text + "<!--=99x.with--><!--/-->", values)


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_the_worlds_are_those_that_were_simulated(lesson: str) -> None:
    stored = kit.stored()[lesson]["digests"]
    found = {" ".join(side): world.digest for side, world in key.worlds(ROWS[lesson]).items()}
    assert found == stored, "python -m experiments.lessons write=true"


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "scenario"), PLAYED, ids=lambda name: name)
def test_the_first_runs_give_what_is_stored(lesson: str, scenario: str) -> None:
    rows = [row for row in ROWS[lesson] if row.scenario == scenario]
    stored = kit.stored()[lesson]["rows"]
    for step, both in key.simulate(rows, FEW_RUNS)["rows"].items():
        for now, then in zip(both, stored[step], strict=True):
            assert now == pytest.approx(then[:FEW_RUNS], rel=1e-5, abs=1e-8), step


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_no_number_of_an_answer_key_is_written_by_hand(lesson: str) -> None:
    for name in KEYS:
        left = NO_NUMBER.sub("", parts(lesson)[name])
        left = re.sub(r"<!--.*?-->|95 %|lesson 2", "", left)
        assert not re.findall(r".*\d.*", left)


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_a_lesson_has_all_sheets_and_ninety_minutes(lesson: str) -> None:
    found = parts(lesson)
    assert set(found) == {*sheets.STUDENTS, *sheets.TEACHER}
    minutes = re.findall(r"^\| (\d+) \|", found["Plan"], re.MULTILINE)
    assert sum(map(int, minutes)) == MINUTES
    for card in found["Role cards"].split("### ")[1:]:
        for head in ("Your state", "Your goal", "Your lever", "What you see"):
            assert f"**{head}.**" in card
    for author, year in re.findall(r"([A-Z][a-z]+)(?: and [A-Z].*?)? \((\d{4})", found["Reading"]):
        assert f"({year})" in found["Reading"].partition("**References.**")[2], author


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_each_prediction_has_its_answer_in_the_key(lesson: str) -> None:
    found = parts(lesson)
    predictions = re.findall(r"^\| \d\. ", found["Prediction sheet"], re.MULTILINE)
    answers = found["Answer key"].partition("**The predictions, in their order.**")[2]
    assert len(re.findall(r"\.(?=\s)", answers)) == len(predictions) == 5


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_the_sliders_of_a_lesson_are_those_of_the_atlas(lesson: str) -> None:
    found = parts(lesson)
    (name,) = set(re.findall(r"results/atlas/(\w+)\.html", found["Plan"]))
    world = WORLDS[name]
    questions = [choice.question for choice in world.choices]
    named = re.findall(r"The slider \*(.*?)\*", found["Role cards"])
    assert len(named) == len(questions)
    assert {question.removesuffix(", thousand") for question in questions} == set(named)
    curves = {measure.label for measure in world.measures}
    seen = " ".join(re.findall(r"\*\*What you see\.\*\* (.*)", found["Role cards"]))
    assert curves >= set(re.findall(r"(?<!\*)\*([A-Z][^*]*)\*(?!\*)", seen))
    options = [sets for choice in world.choices for sets in choice.options.values()]
    answers = {f"{path}={value}" for sets in options for path, value in sets.items()}
    normal = {text.removesuffix(".0") for text in answers}
    for row in ROWS[lesson]:
        if row.scenario == world.scenario and row.runs == OF_THE_ATLAS:
            changed = [*row.without, *row.changed]
            assert {*changed} - {"states.RUS.desks.transfer.teach=0"} <= normal


@pytest.mark.parametrize("lesson", kit.LESSONS)
def test_every_command_of_a_lesson_can_be_typed_and_is_in_its_tables(lesson: str) -> None:
    rows = {(row.scenario, row.without, row.changed) for row in ROWS[lesson]}
    simulated = commands(lesson, "armsflow")
    assert len(simulated) >= 3
    for arguments in simulated:
        request = parse_request(arguments)
        own = [a for a in arguments if not a.startswith(("scenario=", "out=", "pages="))]
        worlds = {changed for name, _, changed in rows if name == request.scenario.name}
        assert tuple(own) in {(), *worlds}
    debrief = commands(lesson, "python -m experiments.counterfactual")
    assert len(debrief) == len(re.findall(r"^\d\. \*\*", parts(lesson)["Debrief"], re.MULTILINE))
    for arguments in debrief:
        asked_for = parsed(arguments)
        assert not asked_for.problems
        assert asked_for.numbers["runs"] == 64
        names = [f"question={name}" for name in asked_for.lists["question"]]
        changed = (*asked_for.lists["b"], *names)
        assert (asked_for.texts["scenario"], tuple(asked_for.lists["a"]), changed) in rows


def test_without_a_browser_html_is_written_and_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert main([f"print={tmp_path / 'sheets'}"]) == 0
    files = sorted((tmp_path / "sheets").iterdir())
    assert len(files) == len(kit.LESSONS) * len(sheets.READERS)
    assert "apt-get install chromium" in capsys.readouterr().out
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "<!--" not in text
        assert not re.search(r"(?:src|href)=|url\(|<script", text)
        readers = file.stem.rpartition("_")[2]
        assert re.findall("<h2>(.*?)</h2>", text) == list(sheets.READERS[readers])
        assert ("verdict" in text) == (readers == "teacher")


@pytest.mark.slow
def test_sheets_are_printed_on_both_papers(tmp_path: Path) -> None:
    pytest.importorskip("playwright", reason="playwright is not installed: `dev` brings it")
    if not any(map(shutil.which, sheets.BROWSERS)):
        pytest.skip("no chromium here: `apt-get install chromium` brings it")
    assert main([f"print={tmp_path}", "paper=both"]) == 0
    for paper, size in (("a4", (595, 842)), ("letter", (612, 792))):
        files = sorted(tmp_path.glob(f"*_{paper}.pdf"))
        assert len(files) == len(kit.LESSONS) * len(sheets.READERS)
        for file in files:
            boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", file.read_bytes())
            assert len(boxes) == 5  # a sheet is a page, but the answer key is two
            for box in boxes:
                assert [float(x) for x in box] == pytest.approx(size, abs=1.5)


@pytest.mark.parametrize(
    "wrong", ["paper=a3", "write=yes", "print=README.md", "nothing=1"], ids=lambda text: text
)
def test_what_does_not_fit_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([wrong]) == 2
    assert wrong.partition("=")[0] in capsys.readouterr().err
