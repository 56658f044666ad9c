import functools
import sys
from pathlib import Path

import forecast  # noqa: F401

# isort: split
# As in a trainer's own process, the kernels are chosen before numpy is imported.
import pytest

# In an image of the tests, the folder is beside the one with the source.
ROOT = next(it for it in Path(__file__).resolve().parents if (it / "contract/trainer.schema.json").is_file())
sys.path.append(str(ROOT / "contract"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with a demo series of ten weeks."""
    from forecast.data import NAME
    from forecast.demo import demand

    made = tmp_path_factory.mktemp("data")
    demand(10 * 168, 7).to_csv(made / NAME, index=False)
    return made


@pytest.fixture(scope="session")
def trained(folder):
    """A fitted run, its data and its learner, with parameters that are fitted quickly."""
    from forecast.learner import forecast_learner
    from forecast.settings import Settings
    from kit.training import fitting

    @functools.cache
    def fit(**changes):
        parameters = {"trees": 60, "leaves": 7, "learning_rate": 0.2, "rows": 10}
        settings = Settings(data_dir=folder, hyperparameters=parameters, **{"threads": 1, **changes})
        learner = forecast_learner(settings)
        data = learner.read()
        return fitting.fit(data, fitting.split(data, learner, settings), learner, settings), data, learner

    return fit
