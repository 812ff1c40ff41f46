"""Data of one's own: public files as tidy frames, and frames as fields of a scenario.

    spending = sim.data.sipri_spending("milex.csv")
    transfers = sim.data.sipri_transfers("trade-register.csv")
    world = sim.data.filled(mapping, 2014, spending=spending, transfers=transfers)

No data come with armsflow: you fetch a file from its owner, and cite it as the owner asks. What a
loader leaves out it says by a `DataWarning` and in `frame.attrs["dropped"]`. docs/data.md shows it.

- `tables`: finds the header of a file; `codes`: states by name or number
- `sipri`, `conflict`: the loaders; `fields`: from frames to a scenario
"""

from .codes import state_codes
from .conflict import (
    atop_alliances,
    cns_tests,
    cow_capabilities,
    cow_disputes,
    ucdp_conflicts,
    ucdp_events,
)
from .fields import filled
from .sipri import sipri_spending, sipri_transfers
from .tables import DataError, DataWarning

__all__ = [
    "DataError",
    "DataWarning",
    "atop_alliances",
    "cns_tests",
    "cow_capabilities",
    "cow_disputes",
    "filled",
    "sipri_spending",
    "sipri_transfers",
    "state_codes",
    "ucdp_conflicts",
    "ucdp_events",
]
