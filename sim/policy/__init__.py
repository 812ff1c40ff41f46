"""Policies in plain Python, and the Mesa model in which one can watch them."""

from .base import Policy
from .state import State

__all__ = ["Policy", "State"]
