"""A synthetic survey. `python -m seismic.demo` writes it."""
