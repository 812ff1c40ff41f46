"""What makes the generated documents of `docs/`."""
