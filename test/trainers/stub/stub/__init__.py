"""A trainer of the contract for tests of the platform. It starts at once, with only the standard library."""
