"""`python -m seismic.serving`."""

from kit.serving.startup import main
from seismic.serving.trainer import TRAINER

if __name__ == "__main__":
    main(TRAINER)
