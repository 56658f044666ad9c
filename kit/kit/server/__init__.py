"""The parts that put an HTTP service behind a port."""
