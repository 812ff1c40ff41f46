"""`python -m experiments.gallery [write=true]`: every figure, with the line that draws it.

Simulates three small jobs, draws what a user may draw of them, and writes `docs/gallery.md` with
its pictures in `docs/gallery/`. Without write=true it draws into memory alone and says how large
the pictures are. On two cores it takes about a minute.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image

import sim
from sim.plots.registry import FIGURES, figures_of
from sim.results import Results

DOCS = Path(__file__).parents[1] / "docs"
WIDTH, FILM, COLOURS = 840, 600, 200
"""Pixels of a picture, and its colours: small files."""
RUNS, POINT_RUNS = 64, 16
HEAD = """# Gallery

Every figure, with the line that draws it; the sentence below a title is made from the numbers.
Written by `python -m experiments.gallery write=true`, which runs what stands in the first block.

All of `results.plot` take `ax=` (one panel into an axes of yours), `panel=`, `by=` (a panel per
group), `style="paper"` or `"slide"`, and what a figure lets you choose among `states=`, `pairs=`,
`routes=` and `weeks=`: `help(results.plot.stocks)`. What `plt.style.use` set is heeded.

```python
import sim

scenario = sim.load("northeast_asia_2023")
results = sim.run(scenario, runs={runs})
restrained = sim.run(scenario.with_("states.PRK.doctrine=restraint"), runs={runs})
swept = sim.sweep(
    "supplier_and_embargo",
    {{
        "rules.watch.detection": [0.0, 0.01, 0.03],
        "rules.move.interdiction": [0.0, 0.1, 0.3],
        "states.SUP.doctrine": ["opportunist_supplier", "restraint"],
    }},
    runs={point_runs},
    record="summary",
)
```
"""
Drawn = Iterator[tuple[str, str, str, Any]]


def main(arguments: list[str]) -> int:
    """Draw the gallery; write it if that is wanted.

    Args:
        arguments: None, or write=true.

    Returns:
        The exit code.
    """
    if arguments not in ([], ["write=false"], ["write=true"]):
        print("takes write=true", file=sys.stderr)
        return 2
    pictures, parts = {}, [HEAD.format(runs=RUNS, point_runs=POINT_RUNS)]
    for name, line, caption, figure in drawn():
        pictures[name] = small(figure)
        said = f" {figure.get_label()}" if isinstance(figure, Figure) and figure.get_label() else ""
        ending = "gif" if isinstance(figure, bytes) else "png"
        parts.append(
            f"\n## {name.replace('_', ' ')}\n\n    {line}\n\n"
            f"![{caption}](gallery/{name}.{ending})\n\n{caption}{said}\n"
        )
        print(f"{name}: {len(pictures[name]) / 1e3:.0f} kB")
    print(f"in all {sum(map(len, pictures.values())) / 1e6:.2f} MB")
    if arguments == ["write=true"]:
        folder = DOCS / "gallery"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, data in pictures.items():
            ending = "gif" if data.startswith(b"GIF") else "png"
            (folder / f"{name}.{ending}").write_bytes(data)
        (DOCS / "gallery.md").write_text("".join(parts), encoding="utf-8")
    return 0


def drawn() -> Drawn:
    """Yield the name, the line, the caption and the figure of each, or the bytes of a film."""
    scenario = sim.load("northeast_asia_2023")
    results = sim.run(scenario, runs=RUNS, record="full")
    for found in figures_of("job"):
        figure = getattr(results.plot, found.name)()
        if figure is not None:
            yield found.name, f"results.plot.{found.name}()", found.caption, figure
    yield from of_any_metric(results)
    swept = sim.sweep(
        "supplier_and_embargo",
        {
            "rules.watch.detection": [0.0, 0.01, 0.03],
            "rules.move.interdiction": [0.0, 0.1, 0.3],
            "states.SUP.doctrine": ["opportunist_supplier", "restraint"],
        },
        runs=POINT_RUNS,
        record="summary",
    )
    for found in figures_of("sweep"):
        figure = getattr(swept.plot, found.name)()
        if figure is not None:
            yield found.name, f"swept.plot.{found.name}()", FIGURES[found.name].caption, figure


def of_any_metric(results: Results) -> Drawn:
    """Yield figures of any metric, of two worlds, the map, the film, a paper's and a slide's."""
    plot = results.plot
    other = results.scenario.with_("states.PRK.doctrine=restraint")
    restrained = sim.run(other, runs=RUNS, record="full")
    pairs = [("PRK", "KOR"), ("PRK", "USA")]
    yield (
        "fan",
        'results.plot.fan("stock_value", states=["PRK", "RUS", "UKR"])',
        "Any metric over the weeks: the darker, the more runs lie there.",
        plot.fan("stock_value", states=["PRK", "RUS", "UKR"]),
    )
    yield (
        "compare",
        f'results.plot.compare("tension", {{"restraint": restrained}}, pairs={pairs})',
        "Two policies on the same axes, and by how much they differ in the end, run by run.",
        plot.compare("tension", {"restraint": restrained}, pairs=pairs),
    )
    yield (
        "by_states",
        'results.plot.technology(by="states")',
        "A figure's first panel for each state, on one scale.",
        plot.technology(by="states"),
    )
    yield (
        "map",
        "results.plot.map()",
        "The network on a plain map; coasts and borders come with `pip install 'armsflow[maps]'`.",
        plot.map(),
    )
    yield (
        "paper",
        'results.plot.war(panel=1, style="paper").savefig("war.pdf")',
        "For a column of a journal, 8.5 cm wide; title and sentence are left to the caption: "
        "`figure.get_label()`.",
        plot.war(panel=1, style="paper"),
    )
    yield (
        "film",
        'results.plot.animate("film.gif", every=26)',
        "The network over the weeks; also as HTML with buttons: "
        '`results.plot.animate("film.html", map=True)`.',
        film(results),
    )


def film(results: Results) -> bytes:
    """Return the network over the weeks as the bytes of a small GIF."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.gif"
        results.plot.animate(path, every=26)
        with Image.open(path) as whole:
            frames = []
            for number in range(whole.n_frames):
                whole.seek(number)
                size = (FILM, FILM * whole.height // whole.width)
                frame = whole.convert("RGB").resize(size, Image.Resampling.LANCZOS)
                frames.append(frame.quantize(32))
    data = BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=700, loop=0)
    return data.getvalue()


def small(figure: Figure | bytes) -> bytes:
    """Return a figure as a small PNG; bytes stay as they are.

    Args:
        figure: A figure, or a film.
    """
    if isinstance(figure, bytes):
        return figure
    data = BytesIO()
    with mpl.rc_context({"savefig.dpi": 140}):
        figure.savefig(data, format="png", metadata={"Software": None})
    with Image.open(data) as image:
        size = (min(WIDTH, image.width), image.height * min(WIDTH, image.width) // image.width)
        shrunk = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    out = BytesIO()
    shrunk.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
