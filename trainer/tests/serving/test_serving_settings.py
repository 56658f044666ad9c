import pytest

from seismic.serving.errors import ConfigError
from seismic.serving.settings import Settings


def test_reads_everything_and_fills_in_defaults(environment):
    settings = Settings.from_env({**environment, "DRAIN_SECONDS": "1.5", "RELOAD": ""})

    assert settings.model_version == 1
    assert settings.git_dirty is True
    assert settings.drain_seconds == 1.5
    assert (settings.port, settings.reload, settings.log_level) == (8000, False, "INFO")


def test_reports_every_problem_in_one_message(environment):
    wrong = {
        **environment,
        "MODEL_VERSION": "champion",
        "MODEL_SHA256": "ABC",
        "GIT_DIRTY": "yes",
        "PORT": "70000",
        "WORKERS": "2",
        "LOG_LEVEL": "loud",
    }
    del wrong["MODEL_NAME"]

    with pytest.raises(ConfigError) as caught:
        Settings.from_env(wrong)

    assert str(caught.value).splitlines() == [
        "MODEL_NAME: not given",
        "MODEL_VERSION: got 'champion'; expected a whole number from 1",
        "MODEL_SHA256: got 'ABC'; expected 64 hex digits",
        "GIT_DIRTY: got 'yes'; expected true or false",
        "LOG_LEVEL: got 'loud'; expected DEBUG, INFO, WARNING, ERROR",
        "PORT: got '70000'; expected a whole number from 1 to 65535",
        "WORKERS: got '2'; expected 1: a replica is one process; add replicas instead",
    ]
