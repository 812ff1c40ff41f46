"""Policies in plain Python, and the Mesa model in which one can watch them."""

from .state import Policy, State

__all__ = ["Policy", "State"]
