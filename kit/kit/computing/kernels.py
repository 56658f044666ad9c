"""Pins the kernels of OpenBLAS: a hash depends on every digit, so they must be the same everywhere.

Without this, OpenBLAS takes the kernels of the processor, in blocks of its cache. Another kind of machine
adds in another order, so the same code and data give another model.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

# These kernels use AVX2 and FMA, which servers have had since 2013. The cache size belongs to these kernels.
# With another size, OpenBLAS cuts matrices in another way, or writes beyond its own buffers.
KERNELS = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512"}
NEEDED = {"avx2", "fma"}


def pin_kernels(environment: MutableMapping[str, str], processor: str) -> bool:
    """Make OpenBLAS use KERNELS, if the processor can. A given OPENBLAS_CORETYPE stays.

    `processor` is the text of /proc/cpuinfo. Call this before numpy is imported. Returns whether the
    processor can.
    """
    flags = next((line for line in processor.splitlines() if line.startswith("flags")), "")
    able = set(flags.split()) >= NEEDED
    if able and "OPENBLAS_CORETYPE" not in environment:
        environment.update(KERNELS)
    return able


def processor() -> str:
    """The text of /proc/cpuinfo; empty if there is no such file."""
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def pin() -> None:
    """Pin the kernels of this process and of the processes that it starts."""
    pin_kernels(os.environ, processor())
