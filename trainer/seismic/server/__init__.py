"""The parts that put an HTTP service of the package behind a port."""
