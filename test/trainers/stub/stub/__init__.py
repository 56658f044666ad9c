"""A trainer of the contract in Python's standard library, for tests of the platform: it starts at once."""
