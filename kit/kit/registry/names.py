"""Names of aliases, tags and artifacts in MLflow, which the platform and people use."""

CHAMPION = "champion"
CHALLENGER = "challenger"

# Of a version and of the run that made it.
HASH_TAG = "model_sha256"
DATA_HASH_TAG = "data_sha256"
COMMIT = "git_commit"
RELEASE = "release"
# `npm run prune` sets it before it deletes a version's files.
PRUNED_TAG = "artifacts_pruned"

# Of a version: what it was judged with, and the run that did it last. See `kit.training.candidate`.
RECIPE = "recipe_sha256"
JUDGED_RUN = "judged_run"

# As a tag of an experiment, the run that trains last. As a tag of a run, the run's own token.
RUN_TOKEN = "run_token"
# Of a run: why it began, the later attempt that ended it, the version that it made again.
TRIGGER = "trigger"
SUPERSEDED_BY = "superseded_by"
REPRODUCED = "reproduced_version"
# A tag of a run, in Markdown.
DESCRIPTION = "mlflow.note.content"

# Each begins tags of the registered model, the rest of the name being a time: what was released, and what
# retraining has decided.
RELEASED_PREFIX = "released_"
RETRAINING_PREFIX = "retraining_"

# An artifact of a finished run: its result line.
RESULT = "result.json"
# An artifact of a finished run: its report on the training data.
QUALITY = "quality.json"
