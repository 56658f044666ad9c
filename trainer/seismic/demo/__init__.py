"""A made-up survey. `python -m seismic.demo` writes it."""
