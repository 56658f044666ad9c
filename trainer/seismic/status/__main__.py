"""`python -m seismic.status`."""

from seismic.status.startup import main

if __name__ == "__main__":
    main()
