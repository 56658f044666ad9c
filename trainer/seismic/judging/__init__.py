"""Judges the data, and shows what is a survey's own: quality, names of figures, the section."""
