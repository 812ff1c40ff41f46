"""What was said in public about a flow: cumulative containers on a date, and who said it.

Typed from the press reports that each claim names. They contradict each other: Washington counted
10,000 in the week in which Seoul counted 6,700, and they do not count from one day (Washington from
September 2023, Seoul's last one from the middle of 2022). So they are points to lay a simulated
range against, never a series to fit.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Claim:
    """One public claim.

    - `date`: of the statement.
    - `containers`: cumulative, from the first state to the second.
    - `issuer`: code of the state that spoke.
    - `body`: which office of it.
    - `source`: where it was reported.
    """

    date: date
    containers: float
    issuer: str
    body: str
    source: str


CLAIMS: dict[tuple[str, str], tuple[Claim, ...]] = {
    ("PRK", "RUS"): (
        Claim(
            date(2023, 10, 13), 1000.0, "USA", "White House, NSC", "Washington Post, 13 Oct 2023"
        ),
        Claim(date(2023, 12, 29), 5000.0, "KOR", "defence minister", "Pledge Times, 29 Dec 2023"),
        Claim(date(2024, 2, 23), 10000.0, "USA", "State Department", "Megalopreneur, Feb 2024"),
        Claim(date(2024, 2, 26), 6700.0, "KOR", "defence minister", "KBS World, 26 Feb 2024"),
        Claim(date(2024, 6, 14), 10000.0, "KOR", "defence minister", "Bloomberg, 14 Jun 2024"),
        Claim(
            date(2024, 8, 27), 13000.0, "KOR", "defence intelligence", "Moscow Times, 28 Aug 2024"
        ),
    )
}
"""By (supplier, recipient)."""


def claims(supplier: str, recipient: str, first: date, last: date) -> tuple[Claim, ...]:
    """The public claims about a route that fall into a span of dates, both ends included."""
    return tuple(
        claim for claim in CLAIMS.get((supplier, recipient), ()) if first <= claim.date <= last
    )
