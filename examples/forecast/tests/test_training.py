"""A run: the contract's words, the hash, the hold-out, and the baseline."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
import trainer_contract as agreed

from forecast.learner import naive
from forecast.model_code import MODEL_CODE
from forecast.settings import ForecastSettings, Settings
from forecast.train import TRAINER
from kit.contract.protocol import ConfigurationError
from kit.registry.fingerprint import model_sha256
from kit.training import startup

LOADED = """
import sys, skops.io
from forecast.model_code import MODEL_CODE
from kit.registry.fingerprint import model_sha256
print(model_sha256(skops.io.load(sys.argv[1], trusted=sorted(MODEL_CODE.trusted))))
"""


def test_the_hash_is_the_same_on_two_threads_and_in_another_process(trained, tmp_path):
    one = trained()[0]
    assert trained(threads=2)[0].sha256 == one.sha256 == model_sha256(one.pipeline)
    path = tmp_path / "model.skops"
    skops.io.dump(one.pipeline, path)
    assert set(skops.io.get_untrusted_types(file=path)) == MODEL_CODE.types
    told = subprocess.run(
        [sys.executable, "-c", LOADED, str(path)], cwd=MODEL_CODE.package.parent, text=True, check=True,
        capture_output=True, env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert told.stdout.strip() == one.sha256
    loaded = skops.io.load(path, trusted=sorted(MODEL_CODE.trusted))
    rows = trained()[1].rows(one.split.hold_out)
    assert np.array_equal(loaded.predict(rows), one.predictions[:, 0])
    # What predicts is remade from the text, and is no part of the model.
    assert model_sha256(loaded) == one.sha256


def test_the_latest_hours_are_held_out_behind_the_horizon(trained):
    one, data, _ = trained()
    assert one.split.hold_out[-1] == data.count - 1
    assert one.split.hold_out[0] - one.split.train[-1] == data.horizon + 1


def test_the_simplest_forecast_is_the_week_before_and_the_model_is_better(trained):
    one, data, _ = trained()
    rows = one.split.hold_out[:50]
    assert np.allclose(naive(data, rows), data.targets(rows - 168), rtol=1e-6)
    metrics = one.as_result(data)["metrics"]
    assert metrics["skill"] == 1 - metrics["rmse"] / metrics["naiveRmse"] > 0.05


def test_a_plot_shows_the_last_week(trained, tmp_path):
    one, data, learner = trained()
    learner.plots(one, data, tmp_path)
    assert (tmp_path / "forecast.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_prints_what_the_contract_says(folder):
    given = {
        "REGISTER": "false", "DATA_DIR": str(folder), "TRIALS": "1", "TRAINER_SETTINGS": '{"horizon": 36}',
        "HYPERPARAMETERS": '{"trees": 20, "leaves": 4, "learning_rate": 0.1, "rows": 9}',
    }  # fmt: skip
    output = io.StringIO()
    assert startup.main(TRAINER, given, output) == 0
    assert agreed.problems(json.loads(output.getvalue()), "unregisteredResult") == []


def test_wrong_data_and_wrong_settings_have_the_contracts_exit_codes(tmp_path):
    codes = agreed.exit_codes()
    given = {"REGISTER": "false", "DATA_DIR": str(tmp_path)}
    assert startup.main(TRAINER, given, io.StringIO()) == codes["wrong data"]
    wrong = given | {"HYPERPARAMETERS": '{"leaves": 1}'}
    assert startup.main(TRAINER, wrong, io.StringIO()) == codes["wrong configuration"]


@pytest.mark.parametrize("text", ['{"horizon": 0}', '{"horizon": 169}', '{"horizon": "24"}', '{"hours": 24}'])
def test_wrong_settings_are_refused(text):
    with pytest.raises(ConfigurationError, match="TRAINER_SETTINGS: ho"):
        Settings.from_environment({"REGISTER": "false", "DATA_DIR": "/tmp", "TRAINER_SETTINGS": text})


def test_the_schema_of_the_settings_is_written_from_their_class():
    schema = Path(MODEL_CODE.package.parent / "settings.schema.json")
    assert json.loads(schema.read_text()) == ForecastSettings.json_schema()
