from pathlib import Path

import pytest

from kit.contract.protocol import ConfigurationError
from kit.status.settings import Settings


def test_reads_everything_and_fills_in_defaults(environment):
    links = '{"MLflow": 5000, "Docs": "https://host/docs"}'
    given = {"DATA_DIR": "/data", "LINKS": links, "PORT": "", "DRIFT_THRESHOLD": "0.25"}
    settings = Settings.from_environment({**environment, **given})

    assert settings.data_dir == Path("/data")
    assert settings.links == {"MLflow": 5000, "Docs": "https://host/docs"}
    assert (settings.port, settings.serving_host, settings.serving_port) == (8000, "serving", 8002)
    assert (settings.training_timeout, settings.log_level) == (1200, "INFO")
    assert settings.drift_threshold == 0.25
    assert Settings.from_environment(environment).data_dir is None


def test_reports_every_problem_in_one_message(environment):
    wrong = {
        **environment,
        "MLFLOW_TRACKING_URI": "mlflow:5000",
        "MODEL_NAME": "a/b",
        "SERVING_HOST": "no host",
        "SERVING_METRICS_PORT": "0",
        "TRAINING_TIMEOUT": "20m",
        "DRIFT_THRESHOLD": "much",
        "PORT": "70000",
        "LOG_LEVEL": "loud",
        "LINKS": "[5000]",
    }
    del wrong["STACK"]

    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment(wrong)

    assert str(caught.value).splitlines() == [
        "MLFLOW_TRACKING_URI: got 'mlflow:5000'; expected an address such as http://mlflow:5000",
        "MODEL_NAME: got 'a/b'; letters, digits, '_', '-', '.' and spaces are allowed",
        "STACK: not given; the stack's full name, such as organization/seismic-mlops/dev",
        "SERVING_HOST: got 'no host'; expected a host's name",
        "SERVING_METRICS_PORT: got '0'; expected a whole number from 1 to 65535",
        "LINKS: got '[5000]'; expected a JSON object of ports and addresses, such as "
        '{"MLflow": 5000, "Docs": "https://host/docs"}',
        "TRAINING_TIMEOUT: got '20m'; expected a whole number from 1 to 604800",
        "DRIFT_THRESHOLD: got 'much'; expected a score from 0 to 999",
        "PORT: got '70000'; expected a whole number from 1 to 65535",
        "LOG_LEVEL: got 'loud'; allowed: DEBUG, INFO, WARNING, ERROR",
    ]


@pytest.mark.parametrize(
    "target",
    ['"javascript:alert(1)"', "0", "70000", "true", "1.5", "null", '"//host"', '"http://"', '"http://[::1"'],
)
def test_a_link_is_a_port_or_a_web_address(environment, target):
    with pytest.raises(ConfigurationError, match="LINKS: got"):
        Settings.from_environment({**environment, "LINKS": f'{{"x": {target}}}'})
