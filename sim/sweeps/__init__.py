"""Sweeps: tables of points, the designs that make them, and what hands them to Hydra."""
