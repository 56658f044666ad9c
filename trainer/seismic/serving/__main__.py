"""`python -m seismic.serving`: the reloader's processes import what they run, and cannot import this."""

from seismic.serving.startup import main

if __name__ == "__main__":
    main()
