"""Serves traces by the kit's service. `python -m seismic.serving` starts it."""
