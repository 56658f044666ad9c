"""A pipeline in plain numpy. Serving predicts with it."""
