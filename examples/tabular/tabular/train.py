"""`python -m tabular.train`."""

from kit.training.startup import start
from tabular.training import TRAINER

if __name__ == "__main__":
    start(TRAINER)
