"""Linear algebra gives the same results on every kind of processor."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit.computing import kernels

TRAINER = Path(__file__).parents[2]
KIT = Path(kernels.__file__).parents[2]
FITTED = """
import hashlib
from seismic.learning.features import TraceFeatures
import numpy as np
traces = np.random.default_rng(3).standard_normal((600, 462)).cumsum(axis=1).astype(np.float32)
fitted = TraceFeatures().fit(traces)
print(hashlib.sha256(fitted.components_.tobytes() + fitted.transform(traces).tobytes()).hexdigest())
"""
# The hash on any processor. Another numpy or OpenBLAS may change it, and with it the hash of every model.
EXPECTED = "f3b39f259be57304b07b11097947375a39e5b561b6e74f1665027e47ee67fc3c"


def fitted(**variables: str) -> str:
    """The hash of principal components and features, in a process with only these variables of OpenBLAS."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS")}
    environment = own | variables | {"PYTHONPATH": f"{TRAINER}{os.pathsep}{KIT}"}
    command = [sys.executable, "-c", FITTED]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.skipif(
    not kernels.pin_kernels({}, kernels.processor()), reason="the processor has not the kernels"
)
def test_components_and_features_are_the_same_on_every_processor():
    assert fitted() == EXPECTED
    # Otherwise the kernels would have no effect here, and the line above would prove nothing.
    assert fitted(OPENBLAS_CORETYPE="Nehalem") != EXPECTED
