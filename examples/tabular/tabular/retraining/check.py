"""`python -m tabular.retraining.check`: whether this trainer would accept its variables."""

import os
import sys

from kit.retraining.check import check
from tabular.training import Settings

if __name__ == "__main__":
    sys.exit(check(Settings, os.environ))
