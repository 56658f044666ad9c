"""The hot path of a service that predicts: batches and counts."""
