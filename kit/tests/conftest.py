"""The kernels are chosen before any test imports numpy, as in a trainer's own process."""

import os
from pathlib import Path

import kit

# pytest.ini makes the kit known to the tests, and this to the programs that they start.
KIT = Path(kit.__file__).parents[1]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(KIT), os.environ.get("PYTHONPATH")]))
