"""The gate: bounds on a candidate's figures, and the comparison with the champion's."""
