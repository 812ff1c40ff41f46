"""The laws of the noise: draws are spread as they should be and have nothing in common."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats
from test_noise import WORLD, counters_of, randomgen_words

from sim import noise
from sim.noise import MASK

EVERY = WORLD | {"pairs": [*permutations(range(len(WORLD["states"])), 2)]}
"""The same world, every pair listed."""
FAMILY_WISE = 1e-6
"""The chance that sound noise fails a test of fit, all its comparisons together."""


@pytest.mark.parametrize("word", [0, MASK])
def test_extreme_words_stay_inside(monkeypatch, word):
    key, layout = noise.run_key(1, 0), noise.layout(**WORLD)
    constant = np.full_like(layout.c0, word)
    monkeypatch.setattr(noise, "philox", lambda *_: (constant,) * 4)
    draws = noise.draw(layout, key, 0)
    for stream in noise.STREAMS:
        values = draws[stream.name]
        if stream.law == "uniform":
            assert np.all((values > 0) & (values < 1))
        else:
            assert np.all(np.abs(values) < 6.8)
    monkeypatch.setattr(noise, "philox", lambda *_: (word,) * 4)
    assert noise.initial_uniform(key, "x") == (2**-53 if word == 0 else 1 - 2**-53)


def by_address(stream, draws):
    """The weeks of each draw of a stream, by its address: of a dispute once."""
    return {where: draws[stream.name][:, *at] for at, where in counters_of(stream, EVERY).items()}


def comparisons(week_draws, other_run):
    """p-values of every comparison of the draws, [weeks, *axes] by stream, with what they claim."""
    p = {}

    def correlate(label, one, other):
        p[label] = stats.pearsonr(np.ravel(one), np.ravel(other)).pvalue

    cells = {stream: by_address(stream, week_draws) for stream in noise.STREAMS}
    for stream, found in cells.items():
        values = np.stack([*found.values()], axis=-1)
        same_in_other = np.stack([*by_address(stream, other_run).values()], axis=-1)
        law = "uniform" if stream.law == "uniform" else "norm"
        p[f"{stream.name} has its law"] = stats.kstest(values.ravel(), law).pvalue
        for lag in (1, 2, 52):
            correlate(f"{stream.name} after {lag} weeks", values[:-lag], values[lag:])
        correlate(f"{stream.name}, its spread", (values[1:] - 0.5) ** 2, (values[:-1] - 0.5) ** 2)
        correlate(f"{stream.name} between cells", values[..., :-1], values[..., 1:])
        correlate(f"{stream.name} between runs", values, same_in_other)
        back = [((i, j), (j, i)) for i, j in found if i < j and (j, i) in found]
        if back:
            one, other = zip(*back, strict=True)
            correlate(
                f"{stream.name} and back", [found[at] for at in one], [found[at] for at in other]
            )
        if stream.law == "uniform":
            drawn = (values * 2**32 - 0.5).astype(np.uint32).ravel()
            for byte in range(4):
                counts = np.bincount((drawn >> (8 * byte)) & 0xFF, minlength=256)
                p[f"{stream.name}, byte {byte}"] = stats.chisquare(counts).pvalue
    for one, other in combinations(cells, 2):
        common = [at for at in cells[one] if at in cells[other]]
        if common:
            mine, theirs = ([cells[stream][at] for at in common] for stream in (one, other))
            correlate(f"{one.name} and {other.name}", mine, theirs)
    return p


def worst(weeks=1500):
    layout, weeks = noise.layout(**EVERY), np.arange(weeks)
    runs = [noise.draw(layout, noise.run_key(20230501, run), weeks) for run in (0, 1)]
    p = comparisons(*runs)
    label = min(p, key=p.get)
    return label, p[label], FAMILY_WISE / len(p)


def test_draws_have_their_laws_and_nothing_in_common():
    label, p, threshold = worst()
    assert p > threshold, label


@pytest.mark.parametrize("defect", ["equal lanes", "every other week", "run ignored", "bias"])
def test_the_comparisons_see_a_defect(monkeypatch, defect):
    philox = noise.philox

    def defective(c0, c1, c2, c3, k0, k1):
        if defect == "every other week":
            c2 = c2 >> np.uint64(1)
        if defect == "run ignored":
            k0 = k1 = 0
        w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
        if defect == "equal lanes":
            w1 = w0
        if defect == "bias":  # a bit that is 1 five times in eight
            w2 = w2 | (w3 & w1 & 1 << 12)
        return w0, w1, w2, w3

    monkeypatch.setattr(noise, "philox", defective)
    label, p, threshold = worst()
    assert p < threshold, label


def test_initial_uniforms():
    key, other = noise.run_key(1, 0), noise.run_key(1, 1)
    names = [f"rules.field_{n}" for n in range(5000)]
    drawn = np.asarray([[noise.initial_uniform(k, name) for name in names] for k in (key, other)])
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > FAMILY_WISE / 3
    assert stats.pearsonr(*drawn).pvalue > FAMILY_WISE / 3
    assert stats.pearsonr(drawn[0, 1:], drawn[0, :-1]).pvalue > FAMILY_WISE / 3

    w0, w1, _, _ = randomgen_words((noise.slot("x"), 0, 0, 2**31), key.tolist())
    upper_52_bits = (w0 // 64) * 2**26 + w1 // 64
    assert noise.initial_uniform(key, "x") == (upper_52_bits + 0.5) / 2**52
