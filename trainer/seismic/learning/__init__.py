"""From traces to a fitted classifier: features, splits, search, and the hash of the learnt model."""
