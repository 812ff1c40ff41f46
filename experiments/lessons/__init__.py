"""The lesson kit of `docs/teaching/kit`: its numbers, and its sheets as HTML and PDF."""
