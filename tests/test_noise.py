"""The noise: right words, at the right address, and no other."""

import math
from itertools import permutations

import array_api_strict
import numpy as np
import pytest
import randomgen
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import noise
from sim.ensemble.execution import runs_alike
from sim.noise import MASK
from sim.streams import PRIOR_BLOCK, Stream, checked_streams

FAMILIES = {
    "state": ("states",),
    "alone": ("states",),
    "dyad": ("pairs",),
    "dispute": ("pairs",),
    "state state": ("states", "states"),
    "member state": ("members", "states"),
    "state munition": ("states", "munitions"),
    "state technology": ("states", "technologies"),
    "route": ("routes",),
    "observer route": ("observers", "routes"),
}
WORLD = {
    "states": ["PRK", "RUS", "UKR", "USA", "KOR", "JPN", "CHN"],
    "munitions": ["shell_152", "rocket_122", "missile"],
    "technologies": ["missile", "satellite", "reconnaissance", "air"],
    "routes": ["PRK>RUS", "RUS>PRK", "USA>UKR", "KOR>USA", "CHN>RUS", "USA>KOR", "USA>JPN"],
    "observers": ["USA", "KOR"],
    "members": ["RUS", "USA", "CHN"],
    "pairs": [(0, 4), (4, 0), (1, 2), (2, 1), (0, 3), (3, 0), (6, 1), (1, 6)],
}
CODES = tuple(family for family in WORLD if family != "pairs")
COLLIDING = ("FSQV", "HJXA")  # both have slot 0x8d2cb6d2

words = st.integers(0, MASK)
word64 = st.integers(0, 2**64 - 1)


def randomgen_words(counter, key):
    """Philox4x32-10 by randomgen, which adds 1 to the 128-bit counter before it draws."""
    before = (sum(w << (32 * i) for i, w in enumerate(counter)) - 1) % 2**128
    generator = randomgen.Philox(counter=before, key=key[0] + (key[1] << 32), number=4, width=32)
    return [int(w) for w in generator.random_raw(4)]


def assert_same_bits(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(np.asarray(one[name]), np.asarray(other[name]), name)


def counters_of(stream, world):
    """The slots of each draw of a stream in a world, in an array of the draws' shape."""
    codes = {family: [noise.slot(code) for code in world[family]] for family in CODES}
    if stream.axes in ("dyad", "dispute"):
        pairs = [(codes["states"][i], codes["states"][j]) for i, j in world["pairs"]]
        return {
            (n,): tuple(sorted(pair)) if stream.axes == "dispute" else pair
            for n, pair in enumerate(pairs)
        }
    if stream.axes == "alone":
        return {(n,): (own, own) for n, own in enumerate(codes["states"])}
    families = [codes[family] for family in FAMILIES[stream.axes]]
    return {
        places: (*(family[i] for family, i in zip(families, places, strict=True)), 0)[:2]
        for places in np.ndindex(*map(len, families))
    }


def with_munition_stream(patch):
    """No shipped stream has one draw a munition: lend the table one, to test the axes."""
    extra = Stream("munition", 4000, "state munition", "uniform")
    patch.setattr(noise, "STREAMS", checked_streams((*noise.STREAMS, extra)))


# Philox ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000",
         "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
         "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
         "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)  # fmt: skip
def test_known_answers_of_random123(counter, key, expected):
    inputs = [int(word, 16) for word in f"{counter} {key}".split()]
    answer = [int(word, 16) for word in expected.split()]
    assert list(noise.philox(*inputs)) == answer
    arrays = noise.philox(*(np.asarray([word], dtype=np.uint64) for word in inputs))
    assert [array.dtype for array in arrays] == [np.uint64] * 4
    assert [int(array[0]) for array in arrays] == answer


@settings(deadline=None)
@given(st.tuples(words, words, words, words), st.tuples(words, words))
def test_philox_equals_randomgen(counter, key):
    arrays = noise.philox(*(np.asarray([word], dtype=np.uint64) for word in (*counter, *key)))
    assert [int(array[0]) for array in arrays] == randomgen_words(counter, key)


# Keys and slots ----------------------------------------------------------------------------------


@settings(deadline=None)
@given(word64, words)
def test_run_key_is_the_seeds_philox_at_the_run(seed, run):
    key = noise.run_key(seed, run)
    k0, k1 = randomgen_words((run, 0, 0, 0), (seed & MASK, seed >> 32))[:2]
    assert (key.dtype, key.tolist()) == (np.uint64, [k0 + (run >> 16 << 32), k1])


@pytest.mark.parametrize(("seed", "run"), [(-1, 2**32), (2**64, -1)])
def test_a_seed_has_64_bits_and_a_run_32(seed, run):
    with pytest.raises(ValueError, match=f"seed is {seed}"):
        noise.run_key(seed, 0)
    with pytest.raises(ValueError, match=f"run is {run}"):
        noise.run_key(0, run)


@settings(deadline=None)
@given(word64, words, words)
def test_runs_of_other_batches_share_no_counter_even_with_one_key(seed, run, other):
    key, another = noise.run_key(seed, run), noise.run_key(seed, other)
    weeks = [{int(key[0]) >> 32 << 16 | week for week in (0, 5200)} for key in (key, another)]
    assert weeks[0].isdisjoint(weeks[1]) == (run >> 16 != other >> 16)
    another[0] = key[0] & MASK | another[0] >> 32 << 32  # as if the hashes had met
    another[1] = key[1]
    draws = [noise.draw(noise.layout(**WORLD), key, 3)["hard"] for key in (key, another)]
    assert np.array_equal(*draws) == (run >> 16 == other >> 16)
    firsts = [noise.initial_uniform(key, "a.prior") for key in (key, another)]
    assert (firsts[0] == firsts[1]) == (run >> 16 == other >> 16)


def test_two_runs_of_one_key_are_found(monkeypatch):
    assert runs_alike(7, 65_000, 3_000) is None
    run_keys = noise.run_keys
    monkeypatch.setattr(noise, "philox", lambda number, *_: (number // 2 % 40_000, number * 0))
    with_few = run_keys(7, range(4))
    assert with_few.tolist() == [[0, 0], [0, 0], [1, 0], [1, 0]]
    assert runs_alike(7, 0, 4) == (0, 1)
    assert runs_alike(7, 65_535, 2) is None  # of two batches
    assert runs_alike(7, 65_535, 3) == (65_536, 65_537)


def test_slots_are_for_ever():
    assert noise.slots(["PRK", "PRK>RUS", ""]).tolist() == [3507236695, 789631492, 1188227382]


@pytest.mark.parametrize("codes", [COLLIDING, ("PRK", "PRK")], ids=["collision", "repeated"])
@pytest.mark.parametrize("family", CODES)
def test_colliding_codes_are_refused_by_name(family, codes):
    with pytest.raises(ValueError, match=f"'{codes[0]}' and '{codes[1]}' share a noise slot"):
        noise.layout(**{**WORLD, family: ["X", codes[0], "Y", codes[1]]})


# Addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("run", "week"), [(3, 0), (3, 37), (3, 2**16 - 1), (5 * 2**16 + 3, 37), (2**32 - 1, 2**16 - 1)]
)
def test_every_draw_is_its_own_address_worked_out_by_hand(monkeypatch, run, week):
    with_munition_stream(monkeypatch)
    key = noise.run_key(20230501, run)
    words = [int(key[0]) & MASK, int(key[1])]
    draws = noise.draw(noise.layout(**WORLD), key, week)
    assert set(draws) == {stream.name for stream in noise.STREAMS}
    for stream in noise.STREAMS:
        addresses = counters_of(stream, WORLD)
        shape = tuple(len(WORLD[family]) for family in FAMILIES[stream.axes])
        assert draws[stream.name].shape == shape
        assert draws[stream.name].dtype == np.float64
        for index, value in np.ndenumerate(draws[stream.name]):
            address = addresses[index]
            block, lane = divmod(stream.id, 4)
            four = randomgen_words((*address, week + (run >> 16 << 16), block), words)
            u = (four[lane] + 0.5) / 2**32
            if stream.law == "uniform":
                assert value == u
            else:
                v = (four[lane + 1] + 0.5) / 2**32
                expected = math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)
                assert value == pytest.approx(expected, rel=1e-13, abs=1e-15)


def test_no_two_draws_share_a_word(monkeypatch):
    """Even in a world whose munitions, technologies and routes bear the codes of its states."""
    with_munition_stream(monkeypatch)
    n = len(WORLD["states"])
    world = dict.fromkeys(CODES, WORLD["states"]) | {"pairs": list(permutations(range(n), 2))}
    layout, key, weeks = noise.layout(**world), noise.run_key(1, 0), np.arange(6)
    seen = []

    def recorded(*counter_and_key):
        seen.append(np.stack(np.broadcast_arrays(*counter_and_key[:4])))
        return philox(*counter_and_key)

    philox = noise.philox
    monkeypatch.setattr(noise, "philox", recorded)
    noise.draw(layout, key, weeks)
    (counters,) = seen
    assert counters.max() <= MASK
    assert counters[3].max() < PRIOR_BLOCK

    words = set()
    for piece in layout.pieces:
        rows = counters[:, :, piece.start : piece.stop].reshape(4, -1).T
        assert len(rows) == math.prod(piece.shape) * len(weeks)
        own = {
            (*row, piece.stream.lane + n)
            for row in rows.tolist()
            for n in range(piece.stream.width)
        }
        both_ways = 2 if piece.stream.axes == "dispute" else 1
        assert len(own) * both_ways == len(rows) * piece.stream.width, piece.stream.name
        assert not words & own, piece.stream.name
        words |= own


@pytest.mark.parametrize("week", [5, np.arange(4)], ids=["week", "weeks"])
def test_a_dispute_draws_once_and_a_dyad_twice(week):
    draws = noise.draw(noise.layout(**WORLD), noise.run_key(1, 0), week)
    off_diagonal = ~np.eye(len(WORLD["states"]), dtype=bool)
    back = [WORLD["pairs"].index((j, i)) for i, j in WORLD["pairs"]]
    for stream in noise.STREAMS:
        values = draws[stream.name]
        if stream.axes == "dispute":
            assert (values == values[..., back]).all()
        elif stream.axes == "dyad":
            assert not (values == values[..., back]).any()
        elif stream.axes == "state state":
            mirrored = values == np.swapaxes(values, -1, -2)
            assert not mirrored[..., off_diagonal].any()


def test_an_act_alone_is_drawn_where_a_state_meets_itself(monkeypatch):
    """So it was drawn when every stream of its block was of two states."""
    dense = Stream("alone", 30, "state state", "uniform")
    key, own = noise.run_key(1, 0), noise.draw(noise.layout(**WORLD), noise.run_key(1, 0), 3)
    kept = [stream for stream in noise.STREAMS if stream.id != dense.id]
    monkeypatch.setattr(noise, "STREAMS", checked_streams((*kept, dense)))
    every = noise.draw(noise.layout(**WORLD), key, 3)["alone"]
    np.testing.assert_array_equal(own["exercise"], np.diag(every))


codes = st.text(st.characters(codec="utf-8"), max_size=8)


@st.composite
def worlds_and_larger_ones(draw):
    """A world, and one with more codes of any family, in any order."""
    world, larger = {}, {}
    for family in CODES:
        all_codes = draw(st.lists(codes, unique=True, max_size=6))
        world[family] = all_codes[: draw(st.integers(0, len(all_codes)))]
        larger[family] = draw(st.permutations(all_codes))
    place = [larger["states"].index(code) for code in world["states"]]
    world["pairs"] = draw(some_pairs(len(place)))
    both = [(place[i], place[j]) for i, j in world["pairs"]]
    more = draw(some_pairs(len(larger["states"])))
    larger["pairs"] = draw(st.permutations([*dict.fromkeys([*both, *more])]))
    return world, larger


def some_pairs(size):
    """Some of the ordered pairs of states, in any order."""
    every = list(permutations(range(size), 2))
    return st.lists(st.sampled_from(every), unique=True) if every else st.just([])


def places_in(larger, world, family):
    """Where what a world has of a family stands in a larger one."""
    wanted = world[family]
    if family == "pairs":
        place = [larger["states"].index(code) for code in world["states"]]
        wanted = [(place[i], place[j]) for i, j in wanted]
    return [larger[family].index(thing) for thing in wanted]


@settings(deadline=None)
@given(worlds_and_larger_ones(), word64, st.integers(0, MASK))
def test_what_is_added_changes_no_other_draw(worlds, seed, week):
    world, larger = worlds
    key = noise.run_key(seed, 0)
    with pytest.MonkeyPatch.context() as patch:
        without_the_stream = noise.draw(noise.layout(**world), key, week)
        with_munition_stream(patch)
        before = noise.draw(noise.layout(**world), key, week)
        after = noise.draw(noise.layout(**larger), key, week)
        streams = noise.STREAMS
    assert_same_bits(without_the_stream, {name: before[name] for name in without_the_stream})
    for stream in streams:
        kept = [places_in(larger, world, family) for family in FAMILIES[stream.axes]]
        np.testing.assert_array_equal(
            after[stream.name][np.ix_(*kept)], before[stream.name], stream.name
        )


# One call, many weeks, other libraries -----------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.integers(0, MASK), min_size=1, max_size=9), word64)
def test_a_vector_of_weeks_equals_the_weeks(weeks, seed):
    layout, key = noise.layout(**WORLD), noise.run_key(seed, 0)
    together = noise.draw(layout, key, np.asarray(weeks))
    for t, week in enumerate(weeks):
        alone = noise.draw(layout, key, week)
        assert_same_bits(alone, {name: values[t] for name, values in together.items()})


@pytest.mark.parametrize("weeks", [np.asarray(17), np.arange(5)], ids=["week", "weeks"])
def test_the_array_api_standard_is_enough(weeks):
    layout, key = noise.layout(**WORLD), noise.run_key(1, 0)
    strict = noise.draw(layout, array_api_strict.asarray(key), array_api_strict.asarray(weeks))
    assert {type(array) for array in strict.values()} == {type(array_api_strict.asarray(0))}
    assert_same_bits(strict, noise.draw(layout, key, weeks))
