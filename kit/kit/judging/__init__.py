"""Figures on a hold-out, and the gate: their bounds, and the comparison with the champion's."""
