"""`python -m forecast.retraining`."""

import os
import sys

from kit.retraining.programs import Programs
from kit.retraining.startup import run

if __name__ == "__main__":
    sys.exit(run(os.environ, Programs.of("forecast")))
