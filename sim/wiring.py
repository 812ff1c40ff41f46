"""What fixes the shapes of a world: its wiring, and its dated entries.

Every other number of `Params` may differ from run to run.
"""

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float64, Int64

from .arrays import Pairs, each, highest, listed
from .world import TIMETABLE

Array = Any


@dataclass(frozen=True)
class Wiring:
    """Index arrays and marks: what fixes the shapes, and what depends only on them.

    A list of places is filled up with one past the last, where `arrays.listed` finds nothing.
    """

    off: Float64[Array, "state state"]  # 1 off the diagonal
    pair: Pairs  # of states that the scenario names together
    source: Int64[Array, " route"]
    target: Int64[Array, " route"]
    real_route: Float64[Array, " route"]  # 1; 0 at the one entry of a world without routes
    cell: Int64[Array, " route"]  # source * N + target, into flattened [state, state]
    dealing: Int64[Array, " route"]  # the pair of supplier and recipient
    route: Int64[Array, " pair"]  # the route from the actor to the target
    returns: Int64[Array, " route"]  # the route the other way
    exports: Int64[Array, "state export"]  # the routes on which it supplies
    imports: Int64[Array, "state import_"]  # the routes on which it receives
    ends: Int64[Array, "state end"]  # the routes that it stands at either end of
    leg: Float64[Array, "leg route"]  # 1 where the route has that leg
    last: Float64[Array, "leg route"]  # 1 at the route's last leg
    way: Int64[Array, "leg route"]  # the infrastructure that the leg runs over
    traffic: Int64[Array, "infrastructure part"]  # the legs over it, places in flattened legs
    observer: Int64[Array, " observer"]
    real_observer: Float64[Array, " observer"]  # 1; 0 at the one entry of a world without any
    voice: Int64[Array, " state"]  # its place among the observers
    member: Int64[Array, " member"]  # of the Council
    seat: Int64[Array, " state"]  # its place among the members
    sitting: Float64[Array, "member state"]  # 1 where the member is not that state itself
    tie: Int64[Array, "member state"]  # the pair of the member and that state
    our_rival: Int64[Array, "shared rival"]  # the pairs of a state with the rivals that it shares
    their_rival: Int64[Array, "shared rival"]  # those of the state that it shares them with
    shared: Int64[Array, "state state"]  # the place of two states among those that share rivals
    protector: Int64[Array, " alliance"]
    protege: Int64[Array, " alliance"]
    bond: Int64[Array, " alliance"]  # the pair of protector and protege
    alliance: Int64[Array, " pair"]  # the alliance by which the actor protects the target
    guards: Int64[Array, "state guard"]  # the alliances that protect it
    toward_guard: Int64[Array, "pair guard"]  # the pair of the actor and each guard of the target
    wards: Int64[Array, "state ward"]  # the alliances by which it protects
    toward_ward: Int64[Array, "pair ward"]  # the pair of the target and each protege of the actor
    domain: Int64[Array, " munition"]  # the technology that a munition needs
    arms: Int64[Array, "technology arm"]  # the munitions that need a technology
    family: Int64[Array, "munition relative"]  # the munitions that substitute it, and itself
    tested: Float64[Array, " technology"]  # 1 where trials are tests in campaigns
    launched: Float64[Array, " technology"]  # 1 where trials are announced satellite launches
    watching: Float64[Array, " technology"]  # 1 at the technology of reconnaissance


@dataclass(frozen=True)
class Agenda:
    """Dated entries: a timetable, and the yearly calendar of exercises."""

    week: Int64[Array, " entry"]
    entry: Float64[Array, "event entry"]  # one-hot of `world.TIMETABLE`, times the entry's value
    dated: Int64[Array, "call dated"]  # the entries of one actor and target
    call: Int64[Array, "state state"]  # that actor and target in `dated`; itself without a target
    calls: Int64[Array, "state own"]  # those of one actor
    first: Int64[Array, " drill"]  # week of the year in which a calendar exercise begins
    length: Int64[Array, " drill"]  # weeks
    drills: Int64[Array, "meeting yearly"]  # the exercises of one host and guest
    joint: Int64[Array, " pair"]  # that host and guest in `drills`
    alone: Int64[Array, " state"]  # the state's exercises alone in `drills`
    drill: Float64[Array, "drill kind"]  # one-hot of `world.EXERCISES`, times its size
    opener: Int64[Array, " drill"]  # the state that calls it: the exercise's first
    partners: Int64[Array, " drill"]  # the pair of host and guest; one past if alone
    parts: Int64[Array, "drill part"]  # all entries of the same exercise
    terms: Float64[Array, " drill"]  # lowest affinity between any two states of the exercise
    week_of_year: Int64[Array, ""]  # of week 0

    def ahead(self, week: Int64[Array, ""]) -> Float64[Array, "call event"]:
        """Return the sizes of what the timetable has from this week on, added up.

        Args:
            week: This week.
        """
        xp = self.entry.__array_namespace__()
        due = xp.where(self.week >= week, self.entry, 0.0)
        return each(xp.matrix_transpose(due), self.dated)

    def of(self, summons: Float64[Array, "call event"], kind: str) -> Float64[Array, " state"]:
        """Return what the timetable has of a kind this week, by actor.

        Args:
            summons: What each call has this week.
            kind: One of `world.TIMETABLE`.
        """
        return highest(summons[:, TIMETABLE.index(kind)], self.calls)

    def table(
        self, summons: Float64[Array, "call event"], kind: str
    ) -> Float64[Array, "state state"]:
        """Return what the timetable has of a kind this week, by actor and target.

        Args:
            summons: What each call has this week.
            kind: One of `world.TIMETABLE`.
        """
        return listed(summons[:, TIMETABLE.index(kind)], self.call)
