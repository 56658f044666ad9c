"""What each HTTP service of the package is put behind a port with."""
