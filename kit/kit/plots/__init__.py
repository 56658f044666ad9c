"""Draws the figures of a training run for people: without a window, without state, only PNG files."""
