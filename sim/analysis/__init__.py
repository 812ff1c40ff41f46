"""Questions asked of runs: what the public claimed, what is plausible, what follows from what."""
