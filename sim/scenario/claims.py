"""Public claims: what they may be about, and those that a route and a span of dates have.

They contradict each other, and need not count from the same day. So they are points to lay a
simulated range against, never a series to fit, and no run depends on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ..metrics import METRICS
from .schema import Claim

SUBJECTS = ("state", "route", "world")
"""What a quantity may be about: the key of that name says which, the world needs none."""


def subjects(inner: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return every quantity that a claim may name, with its subject, one of SUBJECTS.

    Args:
        inner: The names on the other axes: by `munition`, `technology` and `observer`.
    """
    found: dict[str, str] = {}
    for metric in METRICS:
        axes = metric.axes.split()
        for subject in set(axes) & set(SUBJECTS):
            others = [axis for axis in axes if axis != subject]
            names = [f"_{name}" for axis in others for name in inner[axis]] if others else [""]
            found |= {f"{metric.name}{name}": subject for name in names}
    return found


def claims_about(
    claims: Iterable[Claim], quantity: str, route: tuple[str, str], first: date, last: date
) -> tuple[Claim, ...]:
    """Return the claims about a quantity of a route that were made within a span of dates.

    Args:
        claims: Those of a scenario.
        quantity: As the claims name it: `containers`.
        route: Supplier and recipient.
        first: The first day of the span.
        last: The last day of the span, included.
    """
    return tuple(
        claim
        for claim in claims
        if claim.quantity == quantity and claim.route == route and first <= claim.day <= last
    )
