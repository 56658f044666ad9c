"""`python -m seismic.serving`. The reloader's processes import `startup`, because they cannot import this."""

from seismic.serving.startup import main

if __name__ == "__main__":
    main()
