"""A service that starts the trainer when an alert asks for it, or the clock does."""
