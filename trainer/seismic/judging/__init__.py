"""Whether data and model are good enough: quality, figures on the hold-out, the gate."""
