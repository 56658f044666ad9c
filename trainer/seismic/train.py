"""`python -m seismic.train`."""

from kit.training.startup import start
from seismic.training.trainer import TRAINER

if __name__ == "__main__":
    start(TRAINER)
