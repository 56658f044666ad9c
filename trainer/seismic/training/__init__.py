"""What this trainer gives to a training run of the kit: the survey, its features, and its classifiers."""
