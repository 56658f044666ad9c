"""What the training data was like, and how far other data is from it."""
