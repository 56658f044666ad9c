"""`python -m seismic.demo`."""

import sys

from seismic.demo.survey import main

if __name__ == "__main__":
    sys.exit(main())
