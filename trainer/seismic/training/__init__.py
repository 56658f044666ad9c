"""One training run, from the survey to a registered version. `python -m seismic.train` starts it."""
