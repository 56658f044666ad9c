"""What the features of traces tell of their quality. The comparison with the training data is the kit's."""
