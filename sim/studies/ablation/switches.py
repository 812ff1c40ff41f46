"""What can be switched off: terms of the rules, each by its coefficients.

Off is the value at which the term says nothing: 0 where it adds or multiplies, 1 where it delays
(all of a gap is closed in a week), equal likelihoods where it teaches. `KEPT` names those that have
no such value, and why; together they are all coefficients of all rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ...world import EXERCISES


@dataclass(frozen=True)
class Switch:
    """A term of the rules.

    - `name`: what it does, as a figure says it.
    - `phase`: the group of rules.
    - `off`: its coefficients, and the value of each at which it does nothing.
    """

    name: str
    phase: str
    off: dict[str, float]

    @property
    def overrides(self) -> tuple[str, ...]:
        """Return the overrides that switch it off in a scenario."""
        return tuple(f"rules.{self.phase}.{name}={self._value(name)}" for name in self.off)

    def _value(self, name: str) -> str:
        value = f"{self.off[name]:g}"
        if (self.phase, name) not in BY_KIND:
            return value
        return "{" + ", ".join(f"{kind}: {value}" for kind in EXERCISES) + "}"


BY_KIND = {("train", name) for name in ("readiness", "interop", "weight")}
"""Coefficients with a value for each kind of exercise."""

_OFF: dict[str, dict[str, dict[str, float]]] = {
    "perceive": {
        "estimates are slow": {"learning": 1},
        "estimates err": {"noise": 0},
        "reconnaissance sharpens them": {"by_reconnaissance": 0},
        "estimates are biased": {"bias": 0},
        "technology makes munitions better": {"quality_floor": 1},
        "fighting shows strength": {"battle": 0},
    },
    "trade": {
        "deals have inertia": {"inertia": 1},
        "scarcity raises prices": {"premium": 0},
        "debts are settled in time": {"settlement": 1},
        "benefits are remembered": {"memory": 1},
        "the needy value more": {"scarcity": 0},
    },
    "move": {
        "shipments are interdicted": {"interdiction": 0},
        "embargoes are enforced": {"by_embargo": 0},
        "monitors help to enforce": {"by_monitor": 0},
        "sanctions help to enforce": {"by_sanctions": 0},
        "exposure helps to enforce": {"by_exposure": 0},
    },
    "fight": {
        "shells are rationed": {"ration": 0},
        "use is smoothed": {"memory": 1},
        "losses are replaced": {"mobilisation": 0},
        "soldiers cost money": {"soldier_cost": 0},
        "wars end by exhaustion": {"exhaustion": 0},
        "wars end by defeat": {"defeat": 0},
        "wars end by bargaining": {"settlement": 0},
        "war costs stakes": {"burden": 0},
    },
    "build": {
        "industry is slow": {"lag": 1},
        "output costs money": {"unit_cost": 0},
        "stocks retire": {"retirement": 0},
        "spending grows": {"spending_growth": 0},
        "tension raises spending": {"by_tension": 0},
        "spending varies": {"spending_noise": 0},
        "its tails are fat": {"tail": 0},
    },
    "learn": {
        "lessons are absorbed": {"absorption": 0},
        "the backward absorb less": {"least_absorption": 1},
        "satellites reconnoitre": {"image": 0},
    },
    "train": {
        "exercises make ready": {"readiness": 0},
        "exercises join forces": {"interop": 0},
        "rivals feel exercises": {"weight": 0},
        "partners add weight": {"partners": 0},
        "readiness decays": {"readiness_decay": 0},
        "interoperability decays": {"interop_decay": 0},
        "partners must be friends": {"accepts": -1},
    },
    "watch": {
        "shipments are detected": {"detection": 0},
        "detection is evidence": {"evidence": 0},
        "evidence fades": {"fading": 0},
        "lawful trade is noted": {"notice": 0},
        "published estimates err": {"estimate_noise": 0},
        "publication persuades": {"persuasion": 0},
        "joint statements persuade": {"joint_persuasion": 0},
        "denial works": {"denial": 0},
        "doubt returns": {"doubt_return": 0},
    },
    "sanction": {
        "evidence moves outsiders": {"outside_shift": 0},
        "evidence moves members": {"by_exposure": 0},
        "friends vote for friends": {"by_affinity": 0},
        "gain sways votes": {"by_benefit": 0},
        "coalitions monitor": {"coalition_reach": 0},
        "states sanction": {"speed": 0},
        "sanctions cost income": {"cost": 0},
    },
    "escalate": {
        "affinity returns": {"affinity_return": 0},
        "trade makes friends": {"by_trade": 0},
        "visits make friends": {"by_visit": 0},
        "common rivals make friends": {"by_common_rival": 0},
        "disputes estrange": {"by_dispute": 0},
        "condemnation estranges": {"by_condemnation": 0},
        "moods are slow": {"speed": 1},
        "strength threatens": {"threat": 0},
        "rivals are tense": {"rivalry": 0},
        "tests provoke": {"test_provocation": 0},
        "exercises provoke": {"exercise_provocation": 0},
        "exposure alarms": {"exposure": 0},
        "friends are calm": {"affinity": 0},
        "allies reassure": {"reassurance": 0},
        "disputes are tense": {"dispute": 0},
        "presses are acts": {"both": 0, "one": 0},
        "the deterred act milder": {"act_caution": 0},
        "force becomes war": {"war": 0},
        "disputes settle": {"settle": 0},
        "high disputes last": {"settle_steep": 0},
        "conciliation settles": {"settle_fast": 0},
        "incidents happen": {"incident": 0},
        "activity breeds incidents": {"incident_activity": 0},
        "the armed take care": {"incident_steep": 0},
        "deterrence": {"deterrence": 0},
        "power deters": {"balance": 0},
        "what desks do not weigh is weighed": {"ladder": 0},
        "nuclear restraint": {"nuclear_restraint": 0},
        "help needs joint forces": {"interop_weight": 0},
        "some would fight": {"hard_share": 0},
        "conduct teaches credence": {"by_desk": 0, "resist_hard": 0.5, "resist_soft": 0.5,
                                     "deliver_hard": 0.5, "deliver_soft": 0.5},
        "presses teach trust": {"press_trusted": 0.05, "press_exploiting": 0.05},
        "governments change": {"forgetting": 0},
        "friends are trusted": {"trust_by_affinity": 0},
        "trust needs occasions": {"occasion": 0},
    },
}  # fmt: skip

SWITCHES: tuple[Switch, ...] = tuple(
    Switch(name, phase, off) for phase, terms in _OFF.items() for name, off in terms.items()
)
"""Every switch, phase by phase."""

_A_LAW = "says which law holds, not how strongly"
_A_MARK = "a mark on a scale: no value of it is none"
_UNITS = "the unit of what is measured"
_EQUAL = "off as shipped: equal likelihoods teach nothing"
_BY_SCENARIO = "off as shipped: the default scenario sets it"
_ELSEWHERE = "off as shipped: the default scenario switches it on"
_COUNCIL = "the Council's own rules"
KEPT: dict[tuple[str, str], str] = {
    ("perceive", "sustained"): _A_MARK,
    ("perceive", "by_maker"): _BY_SCENARIO,
    ("perceive", "point"): _UNITS,
    ("trade", "container_price"): "off as shipped: the default scenario alone carries goods",
    ("trade", "yardstick"): "off as shipped: the unit of benefit",
    ("trade", "given"): "off as shipped: gain is net in the default scenario alone",
    ("trade", "cutback"): "off as shipped: deals shrink as they grow",
    ("trade", "agreement"): "off as shipped: the default scenario alone asks for agreements",
    **{("trade", name): "goes with agreement" for name in ("by_affinity", "by_talks")},
    **{("trade", name): "goes with agreement" for name in ("forgetting", "first", "rush")},
    ("move", "taken"): "goes with interdiction",
    ("fight", "omega"): _A_LAW,
    ("fight", "advance"): _UNITS,
    ("fight", "without_shells"): _BY_SCENARIO,
    ("build", "budget"): _UNITS,
    ("build", "gdp_growth"): "nothing but the measured share of output depends on it",
    ("learn", "announcement"): _A_MARK,
    **{
        ("learn", name): "off as shipped: what is ready flies" for name in ("postponed", "scrubbed")
    },
    ("learn", "pause"): "off as shipped: nobody waits",
    **{("fight", name): _BY_SCENARIO for name in ("swing", "persistence", "scatter", "assault")},
    ("learn", "feedback"): _BY_SCENARIO,
    ("train", "experience"): _BY_SCENARIO,
    ("train", "held"): _BY_SCENARIO,
    **{("train", name): "goes with by_alarm of a desk" for name in ("memory", "dispute")},
    ("train", "readiness_floor"): _A_MARK,
    ("watch", "base"): _A_MARK,
    ("watch", "bound"): _A_MARK,
    **{("sanction", name): _COUNCIL for name in ("needed", "seats", "outside_yes", "support")},
    **{("sanction", name): _COUNCIL for name in ("veto", "renewal", "term", "coalition_lag")},
    ("escalate", "base"): _A_MARK,
    ("escalate", "climb"): _A_LAW,
    **{("escalate", f"act_{act}"): _A_MARK for act in ("threat", "display", "force")},
    ("escalate", "settle_heat"): "whether a dispute's level delays its end once or twice",
    ("escalate", "incident_deterrence"): "off as shipped: nobody chose an incident",
    **{("sanction", name): _ELSEWHERE for name in ("hesitation", "disunity", "relief")},
    ("watch", "finding"): _ELSEWHERE,
    ("escalate", "partisan"): _ELSEWHERE,
    **{("escalate", name): _ELSEWHERE for name in ("visits", "treaty")},
    ("escalate", "trust_prior"): _A_MARK,
    **{
        ("escalate", f"{sign}_{kind}"): _EQUAL
        for sign in ("test", "exercise")
        for kind in ("hard", "soft")
    },
    ("escalate", "drill_trusted"): _EQUAL,
    ("escalate", "drill_exploiting"): _EQUAL,
}
"""The coefficients without a switch, by phase and name, and why."""


def chosen(names: list[str]) -> Iterator[Switch]:
    """Yield the switches of some phases, or all.

    Raises:
        ValueError: There is no such phase.
    """
    wrong = [name for name in names if name not in _OFF]
    if wrong:
        raise ValueError(f"phases: there is no {', '.join(wrong)} (among {', '.join(_OFF)})")
    yield from (switch for switch in SWITCHES if not names or switch.phase in names)
