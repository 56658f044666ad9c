"""What the package reads and prints is what contract/trainer.schema.json says."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import trainer_contract as agreed

from kit.contract.protocol import BAD_CONFIGURATION, OK
from kit.contract.testing import OWN_OF_SERVING, default_of, fields_of, needed_of
from kit.retraining.settings import Settings as RetrainingSettings
from kit.tables.settings import TableSettings
from kit.training import startup
from tabular.serving import Settings as ServingSettings
from tabular.status import Settings as StatusSettings
from tabular.training import TRAINER
from tabular.training import Settings as TrainingSettings

FOLDER = Path(__file__).parents[1]
READERS = [
    ("trainingVariables", TrainingSettings, set()),
    ("servingVariables", ServingSettings, OWN_OF_SERVING),
    ("statusVariables", StatusSettings, set()),
    ("retrainingVariables", RetrainingSettings, set()),
]
EMPTY = (None, "", TableSettings())


@pytest.mark.parametrize(("definition", "settings", "own"), READERS)
def test_the_variables_that_are_read_are_the_contracts(definition, settings, own):
    assert set(fields_of(settings)) - own == set(agreed.properties(definition))
    assert needed_of(settings) == agreed.needed(definition)


@pytest.mark.parametrize(("definition", "settings", "own"), READERS)
def test_a_default_has_the_effect_of_the_contracts(definition, settings, own):
    fields = fields_of(settings)
    for name, default in agreed.defaults(definition).items():
        field = fields[name]
        value = default_of(field)
        if default:
            assert value == field.metadata["variable"].parse(default), name
        else:
            assert value in EMPTY, name


def test_the_schema_beside_the_package_is_that_of_the_settings():
    told = json.loads((FOLDER / "settings.schema.json").read_text())
    command = "python -m kit.contract.own_settings kit.tables.settings:TableSettings > settings.schema.json"
    assert told == TableSettings.json_schema(), command


def trained(data, **more):
    """The exit code and the line of a run that registers nothing."""
    output = io.StringIO()
    code = startup.main(TRAINER, {"REGISTER": "false", "DATA_DIR": str(data), "TRIALS": "2", **more}, output)
    return code, json.loads(output.getvalue() or "null")


def test_a_run_prints_what_the_contract_says_and_finds_the_same_model_again(data, capfd):
    code, result = trained(data)
    assert (code, agreed.problems(result, "unregisteredResult")) == (OK, [])
    assert result["metrics"]["macroF1"] > 0.9
    assert trained(data, THREADS="1")[1]["sha256"] == result["sha256"]
    word = f"{agreed.constant('progressWord')} "
    told = [line.removeprefix(word) for line in capfd.readouterr().err.splitlines() if line.startswith(word)]
    assert [problem for each in told for problem in agreed.problems(json.loads(each), "progress")] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"HYPERPARAMETERS": '{"D": 1}'}, "HYPERPARAMETERS: D: no parameter; allowed: C"),
        ({"TRAINER_SETTINGS": '{"colour": "red"}'}, "colour: no such setting; there are target, group"),
        ({"GATE": '{"bounds": {"rmse": {"max": 1}}}'}, "gate.bounds.rmse: no such figure; it has "),
        (
            {"GATE": '{"floors": {"classRecall": {"rose": 1}}}'},
            "no such class: rose; the data has cultivar_0",
        ),
    ],
)
def test_wrong_settings_are_told_before_anything_is_fitted(data, capfd, given, said):
    assert trained(data, **given) == (BAD_CONFIGURATION, None)
    told = capfd.readouterr().err
    assert said in told
    assert '"stage": "tuning"' not in told


def test_the_check_of_retraining_tells_what_the_service_needs(data):
    given = {
        "MLFLOW_TRACKING_URI": "http://localhost:1", "MLFLOW_EXPERIMENT_NAME": "wine", "MODEL_NAME": "Wine",
        "DATA_DIR": str(data), "ENVIRONMENT": "dev", "RUN_TOKEN": "one",
    }  # fmt: skip

    def check(**more):
        command = [sys.executable, "-m", "tabular.retraining.check"]
        return subprocess.run(
            command, env=os.environ | given | more, cwd=FOLDER, capture_output=True, text=True, check=False
        )

    assert json.loads(check().stdout)["model_name"] == "Wine"
    wrong = check(HYPERPARAMETERS='{"C": "much"}')
    assert (wrong.returncode, wrong.stdout[:22]) == (BAD_CONFIGURATION, "HYPERPARAMETERS: C: go")
