"""One training run of any trainer, from its data to a registered version."""
