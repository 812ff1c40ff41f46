"""What a policy is made of: six desks, each a choice of rules that read the Observation alone."""

from . import crisis, diplomacy, procurement, technology, training, transfer
from .registry import REGISTRY, Desk, desk

__all__ = [
    "REGISTRY",
    "Desk",
    "crisis",
    "desk",
    "diplomacy",
    "procurement",
    "technology",
    "training",
    "transfer",
]
