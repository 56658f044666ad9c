"""Explanations: which features of a row move the model's answer, and by how much."""
