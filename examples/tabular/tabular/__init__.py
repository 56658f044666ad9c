"""A small trainer for tables of numbers. It follows docs/trainer-contract.md."""

import os
from pathlib import Path

# Set this before numpy is imported. Otherwise OpenBLAS adds in another order on another kind of processor,
# and the same code and data give another model. These kernels need AVX2 and FMA.
if {"avx2", "fma"} <= set(Path("/proc/cpuinfo").read_text().split()):
    os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")
    os.environ.setdefault("OPENBLAS_L2_SIZE", "512")
