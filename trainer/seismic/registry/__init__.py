"""MLflow: runs, registered versions, and the files that a version is opened by."""
