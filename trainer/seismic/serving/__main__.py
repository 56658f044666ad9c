"""`python -m seismic.serving`: reads the environment, loads the model, serves until SIGTERM."""

from .process import main

if __name__ == "__main__":
    main()
