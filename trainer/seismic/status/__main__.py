"""`python -m seismic.status`."""

from kit.status.startup import main
from seismic.status.trainer import TRAINER

if __name__ == "__main__":
    main(TRAINER)
