"""What differs between classifiers and regressors in serving: a `Task`, one for each kind of model."""
