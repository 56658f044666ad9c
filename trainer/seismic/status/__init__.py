"""The status page of an environment: what serves, how it does, and a place to try it."""
