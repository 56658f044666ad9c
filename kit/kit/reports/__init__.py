"""What a training run leaves for people to read: the model card, and the held-out predictions."""
