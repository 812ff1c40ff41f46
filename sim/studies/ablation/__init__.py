"""Ablation: one term of the rules out of action at a time, and what moves."""

from .effects import NAMES, Effects, effects, known, measured
from .page import page, rows
from .switches import SWITCHES, Switch, chosen

__all__ = [
    "NAMES",
    "SWITCHES",
    "Effects",
    "Switch",
    "chosen",
    "effects",
    "known",
    "measured",
    "page",
    "rows",
]
