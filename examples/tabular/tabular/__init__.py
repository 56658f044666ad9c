"""A small trainer for tables of numbers, on the platform's kit."""

# The kit comes first: it pins the kernels of OpenBLAS before any module here imports numpy.
import kit  # noqa: F401
