"""MLflow: runs, registered versions, and the files of a version."""
