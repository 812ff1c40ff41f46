"""What a policy is made of: six desks, each a choice of rules that read the Observation alone."""

from . import (
    assurance,
    brinkmanship,
    crisis,
    diplomacy,
    perfect_deterrence,
    procurement,
    technology,
    training,
    transfer,
)
from .registry import REGISTRY, Desk, desk

__all__ = [
    "REGISTRY",
    "Desk",
    "assurance",
    "brinkmanship",
    "crisis",
    "desk",
    "diplomacy",
    "perfect_deterrence",
    "procurement",
    "technology",
    "training",
    "transfer",
]
