"""The status page of an environment: the serving version, its state, and a place to try it."""
