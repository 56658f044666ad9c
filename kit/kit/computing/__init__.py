"""Computing: the kernels of OpenBLAS, and threads that keep the order."""
