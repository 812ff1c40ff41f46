"""The figures, one a file that bears its name."""
