"""Studies of the model by its authors: limits, ablation, plausibility, deterrence."""
