"""Serves one pinned model version over HTTP. `python -m seismic.serving` starts it."""
