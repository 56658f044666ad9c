"""Names of aliases, tags and artifacts in MLflow, by which the platform and people look for them."""

CHAMPION = "champion"
CHALLENGER = "challenger"

# Of a version and of the run that made it.
HASH_TAG = "model_sha256"
DATA_HASH_TAG = "data_sha256"
COMMIT = "git_commit"
RELEASE = "release"
# Set by `npm run prune` before it deletes a version's files.
PRUNED_TAG = "artifacts_pruned"

# Of an experiment, who trains last; of a run, who made it.
RUN_TOKEN = "run_token"
# Of a run: why it began, the later attempt that ended it, the version that it made again.
TRIGGER = "trigger"
SUPERSEDED_BY = "superseded_by"
REPRODUCED = "reproduced_version"
# Of a run, in Markdown.
DESCRIPTION = "mlflow.note.content"

# Each begins tags of the registered model, the rest of the name being a time: what was released, and what
# retraining has decided.
RELEASED_PREFIX = "released_"
RETRAINING_PREFIX = "retraining_"

# Of a finished run: its report on the survey.
QUALITY = "quality.json"
