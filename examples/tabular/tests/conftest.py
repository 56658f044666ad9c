import sys
from pathlib import Path

# In an image of the tests, the folder is beside the one with the source.
ROOT = next(it for it in Path(__file__).resolve().parents if (it / "contract/trainer.schema.json").is_file())
sys.path.append(str(ROOT / "contract"))
