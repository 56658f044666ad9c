"""Names of aliases, tags and artifacts in MLflow, by which the platform and people look for them."""

CHAMPION = "champion"
CHALLENGER = "challenger"

# Of a version.
HASH_TAG = "model_sha256"
DATA_HASH_TAG = "data_sha256"
# Set by `npm run prune` before it deletes a version's files.
PRUNED_TAG = "artifacts_pruned"

# Of an experiment, who trains last; of a run, who made it.
RUN_TOKEN = "run_token"
# Of a run, in Markdown.
DESCRIPTION = "mlflow.note.content"

# Each begins tags of the registered model, the rest of the name being a time: what was released, and what
# retraining has decided.
RELEASED_PREFIX = "released_"
RETRAINING_PREFIX = "retraining_"

# Of a finished run: its report on the survey.
QUALITY = "quality.json"
