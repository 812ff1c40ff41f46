"""Why a state decided as it did."""
