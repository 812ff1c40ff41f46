"""The pages of `armsflow-app`: explore an ensemble, step through one world."""
