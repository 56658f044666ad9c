"""Classification of seismic traces: the code that trains a model and the code that serves it."""

from seismic.computing import kernels

# No module of the package imports numpy before this line.
kernels.pin()
