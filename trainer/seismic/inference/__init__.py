"""A pipeline as plain numpy: what serving predicts with."""
