"""`armsflow compare=results/a,results/b`: one page of what differs between two jobs."""

from collections.abc import Sequence
from pathlib import Path

from ..ensemble.recipe import differences
from ..results.comparison import Comparison, comparison
from ..results.results import Results, open_results
from ..results.store import OutputError
from ..scenario.files import local_path
from ..scenario.problems import brief
from .overrides import InputError

COMPARE_KEYS = ("compare", "metrics", "out")
NAMES = ("a", "b")


def compare_folders(arguments: Sequence[str]) -> int:
    """Compare the jobs of two folders, print what differs, and write the page of it.

    Args:
        arguments: `compare=DIR,DIR`, and beside it `metrics=` and `out=`.

    Returns:
        The exit code.

    Raises:
        InputError: With everything that is wrong, a line each; nothing is written then.
    """
    found, out = parse_compare(arguments)
    from ..plots.counterfactual_page import write_page

    print("\n".join(found.lines()))
    folders = [job.path for job in (found.a, found.b)]
    title = f"{folders[1].name} compared with {folders[0].name}"
    changes = {
        f"{name}: {job.path.name}": differences(job.scenario) or (job.scenario.name,)
        for name, job in zip(NAMES, (found.a, found.b), strict=True)
    }
    typed = f"armsflow compare={','.join(map(str, folders))} metrics={','.join(found.headline)}"
    names = (folders[0].name, folders[1].name)
    page = write_page(found, out, title, changes, typed, names)
    print(f"\npage: {page}")
    return 0


def parse_compare(arguments: Sequence[str]) -> tuple[Comparison, Path]:
    """Return the comparison of two folders, and where its page goes.

    Args:
        arguments: `key=value` each, of COMPARE_KEYS.

    Raises:
        InputError: With everything that is wrong.
    """
    given = dict(text.partition("=")[::2] for text in arguments)
    beside = ", ".join(COMPARE_KEYS[1:])
    problems = [f"{key}: compare takes {beside}" for key in given if key not in COMPARE_KEYS]
    texts = [text.strip() for text in given["compare"].strip("[]").split(",") if text.strip()]
    jobs = list[Results]()
    if len(texts) != len(NAMES):
        problems.append("compare: takes two folders, as in compare=results/a,results/b")
    else:
        jobs = [job for text in texts if (job := _opened(text, problems)) is not None]
    metrics = [name.strip() for name in given.get("metrics", "").split(",") if name.strip()]
    out = None
    try:
        out = local_path(given["out"]) if given.get("out") else None
    except ValueError as error:
        problems.append(f"out: {error}")
    if not problems:
        try:
            found = comparison(jobs[0], jobs[1], metrics)
        except (ValueError, LookupError) as error:
            problems += str(error).splitlines()
    if problems:
        raise InputError("\n".join(map(brief, problems)))
    name = "_".join(job.path.name for job in jobs)
    return found, out or Path("results", "compared", name)


def _opened(text: str, problems: list[str]) -> Results | None:
    """Return the results of a folder; notes in a sentence why it has none to compare."""
    try:
        results = open_results(local_path(text))
        if not results.parts:
            raise OutputError(f"{results.path} holds no finished part yet")
        results.check()
    except (ValueError, OSError) as error:  # an OutputError is a ValueError
        problems.append(f"compare: {' '.join(str(error).split())}")
        return None
    if results.manifest["points"] > 1:
        problems.append(f"compare: {results.path} is a sweep; armsflow report= shows its points")
        return None
    return results
