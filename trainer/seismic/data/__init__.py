"""The survey: its files, geometry, labels and amplitudes."""
