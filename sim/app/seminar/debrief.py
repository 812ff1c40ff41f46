"""The debriefing of a seminar, as one HTML file that opens offline.

What was so beside what teams believed, how it escalated and by whose order, what it was worth to
each, and the counterfactual: the same log without one thing that a team did, and the same noise.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.metadata import version
from io import StringIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...plots.page import FRAME, STYLE
from ...plots.page import table as table_of_html
from ...plots.style import INK, PALETTE
from ...quantities import Week
from ...rules.fight import payoff
from ...world import WAR
from .course import WEEKS
from .orders import POSTURES, RefusedError, deal_text, described
from .room import Room, fold, weeks_of
from .views import LEVELS, digits

MOST_CHANGES = 12
"""Counterfactuals of a debriefing."""
LITTLE = 5e-4
"""A difference that nobody would feel."""
Log = Sequence[Mapping[str, Any]]


def debriefed(log: Log) -> str:
    """Return the debriefing of a log, as an HTML file that needs nothing else.

    Args:
        log: All entries of a room.
    """
    room = fold(log)
    if not room.course.weeks:
        body = '<section id="none"><p>No turn was simulated.</p></section>'
        return _framed(room, body, "")
    sections = {
        "escalation": ("How it escalated", _escalation(room)),
        "beliefs": ("What was so, and what teams believed", _beliefs(room)),
        "payoffs": ("What it was worth", _payoffs(room)),
        "counterfactuals": ("What would be otherwise", _counterfactuals(log, room)),
        "record": ("What was ordered, agreed and said", _record(room)),
    }
    links = "".join(f'<a href="#{key}">{head}</a>' for key, (head, _) in sections.items())
    body = "\n".join(
        f'<section id="{key}"><h2>{head}</h2>\n{content}\n</section>'
        for key, (head, content) in sections.items()
    )
    return _framed(room, body, links)


def _framed(room: Room, body: str, links: str) -> str:
    scenario = room.scenario
    return FRAME.format(
        title=f"Debriefing: {escape(scenario.spec.title or scenario.name)}",
        style=STYLE + "svg { max-width: 100%; height: auto; }",
        name=escape(scenario.name),
        links=links,
        body=body,
        version=escape(version("armsflow")),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table of cells that are text, whoever wrote it."""
    cells = [[escape(cell) for cell in row] for row in rows]
    return table_of_html([escape(cell) for cell in head], cells, numbers)


def _svg(figure: Figure, label: str) -> str:
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    drawn = text.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    return f'<figure role="img" aria-label="{escape(label)}">{drawn}</figure>'


def highest(weeks: Sequence[Week]) -> np.ndarray:
    """Return the highest level of a dispute of each state, [week, state]."""
    return np.array([week.params.wiring.pair.highest(week.world.level) for week in weeks])


def payoffs(weeks: Sequence[Week]) -> np.ndarray:
    """Return what each week was worth to each state, in stakes, [week, state]."""
    return np.array([payoff(week.params, week.world, week.seen) for week in weeks])


def _escalation(room: Room) -> str:
    weeks, states = room.course.weeks, room.scenario.states
    levels = highest(weeks)
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for i, code in enumerate(states):
        if code in room.seats or levels[:, i].any():
            shift = 0.08 * (i - len(states) / 2)
            colour = PALETTE[i % len(PALETTE)]
            axes.step(range(len(weeks)), levels[:, i] + shift, color=colour, label=code)
    axes.set_yticks(range(len(LEVELS)), LEVELS)
    axes.set_xlabel("week")
    _turns(axes, len(weeks))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    rises = [line for line in _acts(room) if line]
    path = "".join(f"<li>{escape(line)}</li>" for line in rises)
    said = "The highest dispute that each state was in, by week; lines lie apart to be seen."
    return f"<p>{said}</p>{_svg(figure, said)}<ol>{path}</ol>"


def _turns(axes: Axes, weeks: int) -> None:
    for week in range(WEEKS, weeks, WEEKS):
        axes.axvline(week - 0.5, color=INK, linewidth=0.4, alpha=0.4)


def _acts(room: Room) -> list[str]:
    """Return a line for each rise of a dispute: when, between whom, who pressed, by whose order."""
    found = []
    before = room.begun[0].course.world.level
    states = room.scenario.states
    for number, week in enumerate(room.course.weeks):
        for place, (i, j) in enumerate(room.scenario.pairs):
            if i < j and week.world.level[place] > before[place]:
                back = room.scenario.pairs.index((j, i))
                pressing = [
                    _presser(room, number, states[a], states[b])
                    for p, a, b in ((place, i, j), (back, j, i))
                    if week.action.crisis.posture[p] == 1
                ]
                by = "; ".join(pressing) or "nobody pressed: an incident, or an ally's war"
                level = LEVELS[int(week.world.level[place])]
                found.append(f"Week {number}: {states[i]} and {states[j]} rose to {level}. {by}.")
        before = week.world.level
    return found


def _presser(room: Room, week: int, actor: str, target: str) -> str:
    orders = room.past[week // WEEKS].get(actor, ())
    ordered = any(o["verb"] == "press" and o["where"] == [target] for o in orders)
    return f"{actor} pressed, {'as its team ordered' if ordered else 'by its doctrine'}"


def _beliefs(room: Room) -> str:
    """Return tables of truth beside belief, at the beginning of each turn's last week."""
    week = room.course.weeks[-1]
    states, rows, types = room.scenario.states, [], []
    for place, (i, j) in enumerate(room.scenario.pairs):
        if states[i] in room.seats:
            names = (states[i], states[j])
            believed, true = week.seen.believed[place], week.seen.strength[j]
            numbers = (digits(float(x)) for x in (true, believed))
            rows.append([*names, *numbers, _error(believed - true)])
            back = room.scenario.pairs.index((j, i))
            so = "hard" if week.seen.hard[back] else "soft"
            types.append([*names, so, digits(float(week.seen.credence[place]))])
    heads = ("state", "of", "strength, log", "believed", "so it thought it")
    said = "How much stronger, in log points, each team thought others than they were: 0 is right."
    parts = [f"<p>{said}</p>{_svg(_errors(room), said)}", _table(heads, rows)]
    parts += ["<p>Whether the other would fight, at the end.</p>"]
    parts += [_table(("state", "of", "it was", "believed to be hard, chance"), types)]
    if flows := _flows(room):
        heads = ("route", "sent, containers", "observer", "its estimate", "published")
        parts += ["<p>What was shipped, and what observers knew.</p>", _table(heads, flows)]
    return "".join(parts)


def _errors(room: Room) -> Figure:
    """Return the figure of errors of belief by week, a panel for each seat."""
    weeks, states = room.course.weeks, room.scenario.states
    figure = Figure(figsize=(9.0, 0.6 + 1.5 * len(room.seats)), layout="constrained")
    panels = figure.subplots(len(room.seats), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    for axes, seat in zip(panels, room.seats, strict=True):
        for place, (i, j) in enumerate(room.scenario.pairs):
            if states[i] == seat:
                error = [week.seen.believed[place] - week.seen.strength[j] for week in weeks]
                axes.plot(error, color=PALETTE[j % len(PALETTE)], label=states[j])
        axes.axhline(0.0, color=INK, linewidth=0.6)
        axes.set_ylabel(seat)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)
        _turns(axes, len(weeks))
    panels[-1].set_xlabel("week")
    return figure


def _error(error: float) -> str:
    if abs(error) < 0.05:
        return "about right"
    return f"{'too strong' if error > 0 else 'too weak'} by {np.expm1(abs(error)):.0%}"


def _flows(room: Room) -> list[list[str]]:
    week, found = room.course.weeks[-1], []
    containers = week.params.munitions.containers
    for e, (source, target) in enumerate(room.scenario.routes):
        sent = float(week.world.shipped[e] @ containers + week.world.cargo_shipped[e])
        for o, observer in enumerate(room.scenario.observers):
            if sent >= 1.0:
                known = (week.world.estimate[o, e], week.world.published[o, e])
                numbers = [digits(float(x)) for x in known]
                found.append([f"{source} to {target}", digits(sent), observer, *numbers])
    return found


def _payoffs(room: Room) -> str:
    total = payoffs(room.course.weeks)
    turns = [total[WEEKS * t : WEEKS * (t + 1)].sum(axis=0) for t in range(room.turn)]
    rows = []
    for i, code in enumerate(room.scenario.states):
        who = "a team" if code in room.seats else "its doctrine"
        own = [float(turn[i]) for turn in turns]
        rows.append([code, who, *(digits(x) for x in (*own, sum(own)))])
    head = ("state", "decided by", *(f"turn {t + 1}" for t in range(len(turns))), "in all")
    said = "In stakes: half of each stake a week, what was won in war, less losses and spending."
    return f'<p>{said}</p><div class="scroll">{_table(head, rows)}</div>'


def _counterfactuals(log: Log, room: Room) -> str:
    actual, rows = outcome(room), []
    changes = [*_presses(room), *((seat, None, None) for seat in room.seats)][:MOST_CHANGES]
    for seat, turn, target in changes:
        try:
            other = outcome(fold(without(log, seat, turn, target)))
        except RefusedError:  # such as an answer to a deal that was then not proposed
            continue
        if turn is None:
            what = f"had the team of {seat} given no orders: its doctrine alone"
        else:
            weeks = weeks_of(turn)
            what = f"had {seat} not pressed {target} in weeks {weeks[0]} to {weeks[-1]}"
        differences = [
            f"{digits(other[name])} ({_signed(other[name] - actual[name])})" for name in actual
        ]
        rows.append([what, *differences])
    names = list(actual)
    so = ["as it was", *(digits(actual[name]) for name in names)]
    head = ("", *names)
    said = (
        "The same log without it, and the same noise: what differs follows from it. All other"
        " orders are as they were, though teams might have decided otherwise."
    )
    return f'<p>{said}</p><div class="scroll">{_table(head, [so, *rows])}</div>'


def _signed(change: float) -> str:
    sign = "+" if change > 0.0 else "-"
    return "the same" if abs(change) < LITTLE else f"{sign}{digits(abs(change))}"


def _presses(room: Room) -> list[tuple[str, int | None, str | None]]:
    """Return who pressed whom in which turn by order."""
    return [
        (seat, turn, order["where"][0])
        for turn, past in enumerate(room.past)
        for seat, orders in past.items()
        for order in orders
        if order["verb"] == "press"
    ]


def outcome(room: Room) -> dict[str, float]:
    """Return what a seminar came to, by name with unit."""
    weeks = room.course.weeks
    own, total = highest(weeks)[:, _places(room)], payoffs(weeks).sum(axis=0)
    wars = np.array([week.world.level == WAR for week in weeks]).any(axis=1)
    losses = weeks[-1].world.losses.sum() - room.begun[0].course.world.losses.sum()
    found = {
        "highest dispute of any seat, 0 to 5": float(own.max()),
        "mean dispute of seats, 0 to 5": float(own.mean()),
        "weeks with a war": float(wars.sum()),
        "losses, thousand": float(losses),
    }
    worth = {f"worth to {c}": float(total[room.scenario.states.index(c)]) for c in room.seats}
    return found | worth


def _places(room: Room) -> list[int]:
    return [room.scenario.states.index(code) for code in room.seats]


def without(log: Log, seat: str, turn: int | None, target: str | None) -> list[dict[str, Any]]:
    """Return a log without what a seat did.

    Args:
        log: All entries.
        seat: Whose orders.
        turn: The turn in which it does not press; None leaves out all orders of all turns.
        target: Whom it does not press.
    """
    kept = []
    for entry in log:
        made = dict(entry)
        if made["kind"] == "order" and made["seat"] == seat and turn in (None, made["turn"]):
            if turn is None:
                continue
            made["orders"] = [
                {**o, "verb": "hold"} if _is_press(o, target) else o for o in made["orders"]
            ]
        kept.append(made)
    return kept


def _is_press(order: Mapping[str, Any], target: str | None) -> bool:
    return order["verb"] == POSTURES[0] and list(order["where"]) == [target]


def _record(room: Room) -> str:
    rows = [
        [str(turn + 1), seat, "; ".join(map(described, orders)) or "no orders: by its doctrine"]
        for turn, past in enumerate(room.past)
        for seat, orders in ((s, past.get(s, ())) for s in room.seats)
    ]
    parts = [_table(("turn", "seat", "orders"), rows)]
    deals = [[str(d["turn"] + 1), deal_text(d), d["state"]] for d in room.deals]
    talk = [[str(t["turn"] + 1), t["by"], t["to"], t["text"]] for t in room.talk]
    parts += [_table(("turn", "deal", "it was"), deals)] if deals else []
    parts += [_table(("turn", "by", "to", "statement"), talk)] if talk else []
    return "".join(parts)
