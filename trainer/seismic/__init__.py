"""Classification of seismic traces: the code that trains a model and the code that serves it."""

from seismic.computing import kernels

# Here, because nothing of the package that imports numpy is imported before it.
kernels.pin()
