import os
import sys
from pathlib import Path

import pytest

# In an image of the tests, contract/ is beside the folder with the source, and the kit within that folder.
ROOT = next(it for it in Path(__file__).resolve().parents if (it / "contract/trainer.schema.json").is_file())
sys.path += [str(ROOT / "contract"), str(ROOT / "kit")]
# For the programs that tests start.
os.environ["PYTHONPATH"] = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT / "kit")])


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A folder with a demo table."""
    from tabular import demo

    folder = tmp_path_factory.mktemp("data")
    demo.wines(300, 7).to_csv(folder / "data.csv", index=False)
    return folder
