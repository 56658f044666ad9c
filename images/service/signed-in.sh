#!/bin/sh
# Runs a command whose MLflow client signs in: signed-in.sh USER PASSWORD-FILE COMMAND...
#
# MLflow's client takes a password from a variable only. A variable of the service would be in the engine's description
# of it, which everybody reads who can list services.
# The engine gets the text of this file in each service's command: for any other text it restarts all tasks.

MLFLOW_TRACKING_USERNAME=$1
MLFLOW_TRACKING_PASSWORD=$(cat "$2") || exit
export MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD
shift 2
exec "$@"
