"""The table of streams: its ids are for ever, and no two share a word."""

import pytest

from sim.streams import PRIOR_BLOCK, STREAMS, Stream, checked_streams

PUBLISHED = (
    ("belief", 0, "normal", "dyad"),
    ("act", 2, "uniform", "dyad"),
    ("government", 3, "uniform", "dyad"),
    ("spending", 4, "normal", "state"),
    ("spending_tail", 6, "normal", "state"),
    ("campaign", 8, "uniform", "state"),
    ("launch", 9, "uniform", "state"),
    ("launch_start", 10, "uniform", "state"),
    ("denial", 11, "uniform", "state"),
    ("outside_vote", 12, "uniform", "state"),
    ("publish", 13, "uniform", "state"),
    ("join", 14, "uniform", "state"),
    ("tests", 16, "uniform", "state technology"),
    ("success", 17, "uniform", "state technology"),
    ("redesign", 18, "uniform", "state technology"),
    ("salvo", 19, "uniform", "state technology"),
    ("incident", 20, "uniform", "dispute"),
    ("level", 21, "uniform", "dispute"),
    ("ceasefire", 22, "uniform", "dispute"),
    ("war", 23, "uniform", "dispute"),
    ("vote", 24, "uniform", "member state"),
    ("veto", 25, "uniform", "member state"),
    ("posture", 26, "uniform", "dyad"),
    ("forgive", 27, "uniform", "dyad"),
    ("hard", 28, "uniform", "dyad"),
    ("condemn", 29, "uniform", "state state"),
    ("exercise", 30, "uniform", "alone"),
    ("cost", 31, "uniform", "dyad"),
    ("interdiction", 32, "uniform", "route"),
    ("detection", 33, "uniform", "route"),
    ("agreement", 34, "uniform", "route"),
    ("estimate", 36, "normal", "observer route"),
    ("convene", 60, "uniform", "state"),
    ("drive", 64, "normal", "state"),
    ("scatter", 66, "normal", "state"),
    ("visit", 68, "uniform", "state state"),
    ("relief", 80, "uniform", "member state"),
    ("treaty", 84, "uniform", "dispute"),
)
"""Every stream: name, id, law, axes. Published results stand on the first three and on the address
of each draw, which other axes may leave as it is: append, change no row."""


def test_streams_are_for_ever():
    assert tuple((s.name, s.id, s.law, s.axes) for s in STREAMS) == PUBLISHED


def test_no_two_streams_share_a_word():
    lanes = [s.id + word for s in STREAMS for word in range(1 + (s.law == "normal"))]
    assert len(set(lanes)) == len(lanes)
    assert len({stream.name for stream in STREAMS}) == len(STREAMS)


@pytest.mark.parametrize(
    ("streams", "sentence"),
    [
        ([("a", 0, "state", "uniform"), ("a", 1, "state", "uniform")], "two streams are named a"),
        ([("a", 5, "state", "uniform"), ("b", 5, "state", "uniform")], "a and b share id 5"),
        ([("a", 4, "state", "normal"), ("b", 5, "state", "uniform")], "a and b share id 5"),
        ([("a", 5, "state", "uniform"), ("b", 4, "state", "normal")], "a and b share id 5"),
        ([("a", 8, "dyad", "normal"), ("b", 9, "dispute", "uniform")], "a and b share id 9"),
        ([("a", 3, "state", "normal")], "crosses two blocks"),
        ([("a", 5, "state", "normal")], "has an odd lane"),
        ([("a", 0, "leg", "uniform")], "axes 'leg' are not among"),
        ([("a", -1, "state", "uniform")], "outside the stream blocks"),
        ([("a", 4 * PRIOR_BLOCK, "state", "uniform")], "outside the stream blocks"),
    ],
)
def test_impossible_tables_are_refused(streams, sentence):
    with pytest.raises(ValueError, match=sentence):
        checked_streams([Stream(*fields) for fields in streams])
