"""How the process computes: the kernels of OpenBLAS, and threads that keep order."""
