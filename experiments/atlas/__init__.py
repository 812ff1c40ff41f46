"""The atlas: a grid of worlds as one page with sliders, for a class without an installation."""
