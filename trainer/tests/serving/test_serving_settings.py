import pytest

from kit.contract.protocol import ConfigurationError
from seismic.serving.settings import Settings


def test_reads_everything_and_fills_in_defaults(environment):
    settings = Settings.from_environment({**environment, "DRAIN_SECONDS": "1.5", "RELOAD": ""})

    assert settings.model_version == 1
    assert settings.git_dirty is True
    assert settings.drain_seconds == 1.5
    assert (settings.port, settings.reload, settings.log_level) == (8000, False, "INFO")
    assert (settings.metrics_port, settings.drift, settings.drift_period) == (None, True, 10)
    more = {"METRICS_PORT": "8002", "DRIFT": "false", "DRIFT_PERIOD": "2.5"}
    settings = Settings.from_environment(environment | more)
    assert (settings.metrics_port, settings.drift, settings.drift_period) == (8002, False, 2.5)
    assert settings.ports == [8000, 8002]


def test_reports_every_problem_in_one_message(environment):
    wrong = {
        **environment,
        "MODEL_VERSION": "champion",
        "MODEL_SHA256": "ABC",
        "GIT_DIRTY": "yes",
        "PORT": "70000",
        "METRICS_PORT": "0",
        "DRIFT": "off",
        "DRIFT_PERIOD": "0",
        "WORKERS": "2",
        "LOG_LEVEL": "loud",
    }
    del wrong["MODEL_NAME"]

    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment(wrong)

    assert str(caught.value).splitlines() == [
        "MODEL_NAME: not given; the registered model's name, such as SeismicClassifier",
        "MODEL_VERSION: got 'champion'; expected a whole number from 1",
        "MODEL_SHA256: got 'ABC'; expected 64 hex digits",
        "GIT_DIRTY: got 'yes'; allowed: true, false",
        "LOG_LEVEL: got 'loud'; allowed: DEBUG, INFO, WARNING, ERROR",
        "PORT: got '70000'; expected a whole number from 1 to 65535",
        "METRICS_PORT: got '0'; expected a whole number from 1 to 65535",
        "DRIFT: got 'off'; allowed: true, false",
        "DRIFT_PERIOD: got '0'; expected seconds from 0.1 to 3600",
        "WORKERS: got '2'; expected 1: a replica is one process; add replicas instead",
    ]


@pytest.mark.parametrize("ports", [{"METRICS_PORT": "8000"}, {"PORT": "8002", "METRICS_PORT": "8002"}])
def test_the_two_ports_must_differ(environment, ports):
    with pytest.raises(
        ConfigurationError, match=r"^METRICS_PORT: got '800[02]'; expected another port than PORT$"
    ):
        Settings.from_environment(environment | ports)
