"""The engines: the same rulebook on NumPy (`reference`) and under JAX (`compiled`)."""
