"""The variables of one training run."""

import pytest

from kit.contract.protocol import ConfigurationError
from kit.judging.bounds import Gate
from seismic.training.settings import Settings


@pytest.fixture
def environment(tmp_path):
    return {
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
        "MLFLOW_EXPERIMENT_NAME": "seismic-dev",
        "MODEL_NAME": "SeismicClassifier",
        "DATA_DIR": str(tmp_path),
        "ENVIRONMENT": "dev",
        "RUN_TOKEN": "one",
    }


def test_what_is_required_is_enough(environment, tmp_path):
    settings = Settings.from_environment(environment)
    assert settings.data_dir == tmp_path
    assert (settings.register, settings.gate, settings.seed, settings.trials) == (True, None, 7, 20)
    assert settings.threads >= 1
    assert (settings.run_trigger, settings.summary_url) == ("", "")
    assert (settings.summary_model, settings.summary_timeout) == ("llama3.2:1b", 120)


def test_every_variable_is_read(environment):
    given = {
        "REGISTER": "false", "GATE": '{"floors": {"recall": 1}}',
        "RELEASE_REF": "v1", "GIT_COMMIT": "abc", "GIT_DIRTY": "true", "IMAGE": "a:b",
        "SEED": "3", "TRIALS": "4", "TIME_BUDGET": "5.5", "LOG_LEVEL": "DEBUG", "THREADS": "2",
        "RUN_TRIGGER": "alert A", "SUMMARY_URL": "http://ollama:11434", "SUMMARY_MODEL": "qwen2.5:0.5b",
        "SUMMARY_TIMEOUT": "9", "MLFLOW_RETRY_SECONDS": "6",
        "HYPERPARAMETERS": '{"classifier": "logistic_regression", "C": 2}',
    }  # fmt: skip
    settings = Settings.from_environment(environment | given)
    assert settings.git_dirty is True
    assert settings.hyperparameters == {"classifier": "logistic_regression", "C": 2}
    assert settings.time_budget == 5.5
    assert settings.mlflow_retry_seconds == 6
    assert (settings.run_trigger, settings.summary_url) == ("alert A", "http://ollama:11434")
    assert (settings.summary_model, settings.summary_timeout) == ("qwen2.5:0.5b", 9)
    assert (settings.register, settings.gate) == (False, Gate({"recall": 1.0}, {}, {}))
    assert [settings.release_ref, settings.git_commit, settings.image] == ["v1", "abc", "a:b"]
    assert [settings.seed, settings.trials, settings.threads, settings.log_level] == [3, 4, 2, "DEBUG"]


@pytest.mark.parametrize(
    ("gate", "unknown"),
    [
        ('{"floors": {"classRecall": {"salt": 1}}}', "gate.floors.classRecall.salt"),
        (
            '{"bounds": {"recall.salt": {"min": 0}}, "regression": {"f1.a": {"by": 1, "better": "higher"}}}',
            "gate.bounds.recall.salt, gate.regression.f1.a",
        ),
        ('{"floors": {"classRecall": {"sand": 1}}, "bounds": {"f1": {"min": 0}, "f1.sand": {"min": 0}}}', ""),
    ],
)
def test_a_gate_may_name_only_the_classes_that_the_settings_list(environment, gate, unknown):
    given = environment | {"GATE": gate}
    # Without the list, the labels decide, and nobody has read them yet.
    assert Settings.from_environment(given).gate is not None
    given["TRAINER_SETTINGS"] = '{"classes": "sand, shale"}'
    if unknown:
        with pytest.raises(ConfigurationError) as error:
            Settings.from_environment(given)
        says = f"GATE: {unknown}: no such class; trainer.settings.classes has sand, shale"
        assert str(error.value) == says
    else:
        assert Settings.from_environment(given).gate is not None


def test_an_empty_value_counts_as_not_given(environment):
    assert Settings.from_environment(environment | {"SEED": "", "RELEASE_REF": " "}).seed == 7
    with pytest.raises(ConfigurationError, match=r"^RUN_TOKEN: not given"):
        Settings.from_environment(environment | {"RUN_TOKEN": ""})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MLFLOW_TRACKING_URI", "mlflow:5000", "got 'mlflow:5000'; expected an address"),
        ("MODEL_NAME", "a/b", "got 'a/b'; letters"),
        ("REGISTER", "no", "got 'no'; allowed: true, false"),
        ("GATE", "0.7", 'expected a JSON object such as {"floors": {"macroF1": 0.7}}'),
        ("GATE", '{"floor": {}}', "floor: unknown; allowed: floors, regression, bounds, mode"),
        ("DATA_DIR", "/nowhere", "got '/nowhere', which is no folder"),
        ("GIT_DIRTY", "True", "got 'True'; allowed: true, false"),
        ("SEED", "-1", "got '-1'; expected a whole number from 0 to 4294967295"),
        ("SEED", "1.5", "got '1.5'"),
        ("TRIALS", "0", "got '0'; expected a whole number from 1 to 10000"),
        ("TIME_BUDGET", "nan", "got 'nan'; expected seconds"),
        ("TIME_BUDGET", "10m", "got '10m'; expected seconds"),
        ("THREADS", "0", "got '0'"),
        ("LOG_LEVEL", "info", "allowed: DEBUG, INFO, WARNING, ERROR"),
        ("MLFLOW_RETRY_SECONDS", "0", "got '0'"),
        ("RUN_TRIGGER", "two\nlines", "expected one line of at most 200 characters"),
        ("RUN_TRIGGER", "x" * 201, "expected one line of at most 200 characters"),
        ("SUMMARY_URL", "ollama:11434", "expected an address such as http://ollama:11434"),
        ("SUMMARY_MODEL", "llama 3", "got 'llama 3'; expected a model of Ollama such as llama3.2:1b"),
        ("SUMMARY_TIMEOUT", "0", "got '0'; expected seconds"),
        ("HYPERPARAMETERS", "{", "not JSON"),
        ("HYPERPARAMETERS", "[1]", "expected a JSON object"),
        ("HYPERPARAMETERS", '{"classifier": "svm"}', "classifier: got 'svm'; allowed: logistic_regression"),
        (
            "HYPERPARAMETERS",
            '{"c": 1}',
            "c: no parameter of any classifier; allowed: C, max_iter, class_weight",
        ),
        ("HYPERPARAMETERS", '{"C": 0}', "C: got 0; expected a number from"),
        ("HYPERPARAMETERS", '{"leaves": 2.5}', "leaves: got 2.5; expected a whole number"),
        ("HYPERPARAMETERS", '{"l2": true}', "l2: got True"),
        ("HYPERPARAMETERS", '{"class_weight": 1}', "class_weight: got 1; allowed: none, balanced"),
        (
            "HYPERPARAMETERS",
            '{"classifier": "logistic_regression", "leaves": 7}',
            "leaves: no parameter of logistic_regression",
        ),
    ],
)
def test_a_wrong_value_is_named_with_the_remedy(environment, name, value, says):
    with pytest.raises(ConfigurationError) as error:
        Settings.from_environment(environment | {name: value})
    assert str(error.value).startswith(f"{name}: ")
    assert says in str(error.value)


def test_only_the_data_is_needed_to_register_nothing(tmp_path):
    settings = Settings.from_environment({"REGISTER": "false", "DATA_DIR": str(tmp_path)})
    assert (settings.register, settings.mlflow_tracking_uri) == (False, "")
    with pytest.raises(ConfigurationError, match=r"^DATA_DIR: not given; [^\n]*$"):
        Settings.from_environment({"REGISTER": "false"})


def test_all_problems_are_told_at_once(environment):
    del environment["ENVIRONMENT"]
    with pytest.raises(ConfigurationError) as error:
        Settings.from_environment(environment | {"SEED": "x", "GIT_DIRTY": "yes"})
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == [
        "ENVIRONMENT",
        "GIT_DIRTY",
        "SEED",
    ]
