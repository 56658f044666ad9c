"""The serving half: one pinned model version behind HTTP. `python -m seismic.serving` starts it."""
