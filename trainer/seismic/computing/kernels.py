"""Which kernels OpenBLAS computes with: the same on every machine, as a hash tells the last digits.

By itself OpenBLAS takes the kernels of the processor, in blocks of its cache. Sums are added in another
order on another kind of machine, and the same code and data give another model.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

# Those of AVX2 and FMA, which servers have had since 2013, and the cache that they are meant for: with
# another one OpenBLAS cuts matrices otherwise, or writes beyond its own buffers.
KERNELS = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512"}
NEEDED = {"avx2", "fma"}


def pin_kernels(environment: MutableMapping[str, str], processor: str) -> bool:
    """Have OpenBLAS use KERNELS, if the processor can. What somebody chose in OPENBLAS_CORETYPE stays.

    `processor` is the text of /proc/cpuinfo. To be called before numpy is imported. Returns whether it can.
    """
    flags = next((line for line in processor.splitlines() if line.startswith("flags")), "")
    able = set(flags.split()) >= NEEDED
    if able and "OPENBLAS_CORETYPE" not in environment:
        environment.update(KERNELS)
    return able


def processor() -> str:
    """The text of /proc/cpuinfo; empty where there is none."""
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def pin() -> None:
    """Pin the kernels of this process and of those that it starts."""
    pin_kernels(os.environ, processor())
