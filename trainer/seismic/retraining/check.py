"""`python -m seismic.retraining.check`: whether the trainer would accept its variables.

This is its own program, because to check hyperparameters needs 170 MB of imports, which the service should
not keep. Standard output has the settings that the service needs, as JSON; with exit code 2 it has the
problems.
"""

import json
import os
import sys

from seismic.contract import protocol
from seismic.training.settings import Settings


def main() -> int:
    """Check the environment and return the exit code."""
    try:
        settings = Settings.from_environment(os.environ)
    except protocol.ConfigurationError as error:
        print(error)
        return protocol.BAD_CONFIGURATION
    told = {
        "tracking_uri": settings.mlflow_tracking_uri,
        "experiment_name": settings.mlflow_experiment_name,
        "model_name": settings.model_name,
        "log_level": settings.log_level,
    }
    print(json.dumps(told))
    return protocol.OK


if __name__ == "__main__":
    sys.exit(main())
