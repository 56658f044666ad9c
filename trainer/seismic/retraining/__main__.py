"""`python -m seismic.retraining`."""

import os
import sys

from seismic.retraining.startup import run

if __name__ == "__main__":
    sys.exit(run(os.environ))
