"""Forecasts hourly demand: a trainer of time series, with LightGBM, on the platform's kit."""

# The kit comes first: it pins the kernels of OpenBLAS before any module here imports numpy.
import kit  # noqa: F401
