"""The retraining service is the kit's. This trainer only names its programs."""
