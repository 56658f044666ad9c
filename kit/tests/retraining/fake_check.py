"""Replaces the trainer's check of its variables. The file PLAN may hold the time `check_seconds`."""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kit.contract import variables
from kit.contract.environment import FromEnvironment, needed, optional
from kit.retraining.check import check


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment):
    """A trainer's settings that the service needs, one that only the trainer knows, and one for tests."""

    mlflow_tracking_uri: str = needed("MLFLOW_TRACKING_URI", variables.address("http://a:1"), "MLflow")
    mlflow_experiment_name: str = needed("MLFLOW_EXPERIMENT_NAME", str, "the experiment")
    model_name: str = needed("MODEL_NAME", variables.model_name, "the model")
    run_token: str = needed("RUN_TOKEN", str, "the attempt")
    depth: int = optional("DEPTH", variables.whole(1, 9), 3)
    log_level: str = optional("LOG_LEVEL", variables.log_level, "INFO")


if __name__ == "__main__":
    plan = Path(os.environ["FOLDER"], "plan.json")
    if plan.exists():
        time.sleep(json.loads(plan.read_text()).get("check_seconds", 0))
    sys.exit(check(Settings, os.environ))
