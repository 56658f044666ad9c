"""A service that starts the trainer when an alert or the clock asks for it."""
