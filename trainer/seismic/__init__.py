"""Classification of seismic traces: the code that trains a model and the code that serves it."""

# The kit comes first: it pins the kernels of OpenBLAS before any module here imports numpy.
import kit  # noqa: F401
