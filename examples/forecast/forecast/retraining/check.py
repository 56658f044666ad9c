"""`python -m forecast.retraining.check`: whether this trainer would accept its variables."""

import os
import sys

from forecast.settings import Settings
from kit.retraining.check import check

if __name__ == "__main__":
    sys.exit(check(Settings, os.environ))
