"""A pipeline as plain numpy: what serving predicts with. `predictor` is the entrance, and has the switch."""
