"""Names of aliases, tags and artifacts in MLflow, which the platform and people use."""

CHAMPION = "champion"
CHALLENGER = "challenger"

# A tag of a version.
HASH_TAG = "model_sha256"
# `npm run prune` sets it before it deletes a version's files.
PRUNED_TAG = "artifacts_pruned"

# As a tag of an experiment, the run that trains last. As a tag of a run, the run's own token.
RUN_TOKEN = "run_token"
# A tag of a run, in Markdown.
DESCRIPTION = "mlflow.note.content"

# An artifact of a finished run: its report on the survey.
QUALITY = "quality.json"
