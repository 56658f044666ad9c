"""Judges data and model: quality, figures on the hold-out."""
