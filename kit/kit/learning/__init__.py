"""Learning for any trainer: what is held out, the search for parameters, and the fit."""
