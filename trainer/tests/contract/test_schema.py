"""What the package reads, writes and prints is what contract/trainer.schema.json says."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import trainer_contract as agreed

from kit.contract import protocol
from kit.contract.testing import OWN_OF_SERVING, default_of, fields_of, needed_of
from kit.judging import bounds, gate
from kit.judging.classification import score
from kit.judging.comparison import Difference
from kit.registry import names
from kit.retraining.settings import Settings as RetrainingSettings
from kit.training.artifacts.expectations import expectations
from kit.training.run import run_tags
from seismic.data.settings import TrainerSettings
from seismic.model_code import MODEL_CODE
from seismic.serving.settings import Settings as ServingSettings
from seismic.status.settings import Settings as StatusSettings
from seismic.training.settings import Settings as TrainingSettings
from seismic.training.trainer import TRAINER

READERS = [
    ("trainingVariables", TrainingSettings, set()),
    ("servingVariables", ServingSettings, OWN_OF_SERVING),
    ("statusVariables", StatusSettings, set()),
    ("retrainingVariables", RetrainingSettings, set()),
]
RESULT = {
    "version": "3", "runId": "r", "trainedAt": "t", "sha256": "0" * 64, "alias": "challenger",
    "reproduced": False, "metrics": {"macroF1": 0.9}, "dataSha256": "d",
}  # fmt: skip
EMPTY = (None, "", TrainerSettings())


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


def test_words_are_the_contracts():
    assert list(protocol.LOG_LEVELS) == agreed.constants("logLevel")
    assert {gate.REFUSE, gate.FLOORS} == set(
        agreed.properties("trainingVariables")["GATE_UNCOMPARED"]["enum"]
    )
    assert {gate.NONE, gate.PASSED, gate.WARNED, gate.REFUSED} == set(
        agreed.properties("versionTags")["gate"]["enum"]
    )
    assert agreed.constant("refused") == gate.REFUSED
    assert agreed.constant("expectationsFile") == protocol.EXPECTATIONS


def test_exit_codes_are_the_contracts():
    assert agreed.exit_codes() == {
        "done": protocol.OK,
        "defect": protocol.FAILED,
        "wrong configuration": protocol.BAD_CONFIGURATION,
        "wrong data": protocol.BAD_DATA,
        "MLflow unreachable": protocol.MLFLOW_UNREACHABLE,
        "superseded": protocol.SUPERSEDED,
        "SIGTERM": protocol.TERMINATED,
    }


def test_lines_of_progress_are_the_contracts(capsys):
    stages = [*protocol.PROGRESS_STAGES, *protocol.OPTIONAL_STAGES]
    assert stages == agreed.constants("stage")
    for stage in stages:
        protocol.progress(stage, 1, 2, "half")
    for line in capsys.readouterr().err.splitlines():
        word, _, told = line.partition(" ")
        assert word == agreed.constant("progressWord")
        assert agreed.problems(json.loads(told), "progress") == []


def test_names_in_mlflow_are_the_contracts(tmp_path):
    assert agreed.constant("champion") == names.CHAMPION
    assert agreed.constant("challenger") == names.CHALLENGER
    assert agreed.constant("releasedPrefix") == names.RELEASED_PREFIX
    assert agreed.constant("retrainingPrefix") == names.RETRAINING_PREFIX
    assert names.DESCRIPTION in agreed.properties("runTags")
    assert names.RUN_TOKEN in agreed.properties("experimentTags")
    verdict = gate.judge(None, {}, None)
    settings = TrainingSettings.from_environment({"REGISTER": "false", "DATA_DIR": str(tmp_path)})
    written = {*run_tags(settings, MODEL_CODE.lock), *verdict.as_tags(), names.HASH_TAG, "quality"}
    # A run sets two more when it is judged, and the platform sets the last two.
    others = {names.RECIPE, names.JUDGED_RUN, names.PRUNED_TAG, "not_served"}
    assert written | others == set(agreed.properties("versionTags"))


def test_the_bounds_of_the_gate_are_the_contracts():
    agreed_parts = agreed.properties("bounds")
    assert set(bounds.PARTS) == set(agreed_parts)
    assert {*bounds.MEASURES, "classRecall"} == set(agreed.properties("bounds", "floors"))
    assert set(bounds.MEASURES) == set(agreed.properties("bounds", "regression"))
    assert set(agreed_parts["bounds"]["additionalProperties"]["properties"]) == {"min", "max"}
    other = agreed_parts["regression"]["additionalProperties"]
    assert (set(other["required"]), other["properties"]["better"]["enum"]) == (
        {"by", "better"}, list(bounds.DIRECTIONS),
    )  # fmt: skip
    assert agreed_parts["mode"]["enum"] == list(bounds.MODES)


def test_what_the_gate_says_is_the_contracts():
    labels = np.array(["a", "a", "b"])
    scores = score(labels, np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]]), ("a", "b"))
    figures = gate.figures_of(scores.as_result())
    given = bounds.Gate.parse({"floors": {"macroF1": 1}, "regression": {"recall": 0}})
    differences = {"macroF1": Difference(0.0, -0.1, 0.1, 20)}
    champion = gate.Champion("2", figures, scores.as_result())
    for verdict, lacks in (
        (gate.judge(None, figures, None, "there is no gate"), {"differences"}),
        (gate.judge(given, figures, champion, differences=differences), set()),
    ):
        told = verdict.as_result()
        assert set(told) == set(agreed.properties("judgement")) - lacks
        assert agreed.problems(json.loads(json.dumps(told)), "judgement") == []


def test_expected_answers_are_the_contracts():
    class Pipeline:
        classes_ = np.array(["a", "b"])

        def predict_proba(self, traces):
            return np.full((len(traces), 2), 0.5)

    settings = TrainingSettings(data_dir=Path())
    trained = SimpleNamespace(pipeline=Pipeline(), classes=("a", "b"))
    told = expectations(trained, TRAINER.learner(settings), np.ones((2, 3), np.float32))
    assert agreed.problems(told, "expectations") == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"more": 1, "filesSha256": "1" * 64}, None),
        ({"version": 3}, "result.version: got 3; type: string"),
        ({"version": ""}, "result.version: got ''; minLength: 1"),
        ({"sha256": "abc"}, "result.sha256: got 'abc'; pattern: ^[0-9a-f]{64}$"),
        ({"registered": 1}, "result.registered: got 1; const: True"),
        ({"metrics": {"accuracy": 2}}, "result.metrics.accuracy: got 2; maximum: 1"),
        ({"metrics": {"accuracy": True}}, "result.metrics.accuracy: got True; type: number"),
        ({"metrics": {"loss": "low"}}, "result.metrics.loss: got 'low'; type: number"),
        ({"gate": {"passed": True}}, "result.gate.reasons: missing"),
        ({"gate": {"passed": True, "reasons": [1]}}, "result.gate.reasons[0]: got 1; type: string"),
    ],
)
def test_a_value_that_departs_from_the_contract_is_told(change, says):
    assert agreed.problems(RESULT | change, "result") == ([] if says is None else [says])


def test_other_kinds_of_departure_are_told():
    progress = {"stage": "cooking", "done": -1, "total": 2, "note": ""}
    told = agreed.problems(progress, "progress")
    assert sorted(told)[0] == "progress.done: got -1; minimum: 0"
    assert sorted(told)[1].startswith("progress.stage: got 'cooking'; allowed: ['reading', ")
    assert agreed.problems({"ceilings": {}}, "bounds") == [
        "bounds.ceilings: unknown; allowed: floors, regression, bounds, mode"
    ]
    assert agreed.problems("loud", "logLevel") == [
        "logLevel: got 'loud'; enum: ['DEBUG', 'INFO', 'WARNING', 'ERROR']"
    ]


def within(schema):
    """A schema, and those within it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("oneOf", ()), schema.get("items")]
    for each in [*inner, schema.get("additionalProperties")]:
        if isinstance(each, dict):
            yield from within(each)


def test_the_whole_schema_can_be_checked(monkeypatch):
    schemas = [each for definition in agreed.DEFINITIONS.values() for each in within(definition)]
    assert len(schemas) > 150
    for schema in schemas:
        monkeypatch.setitem(agreed.DEFINITIONS, "one", schema)
        # A keyword that the checks do not know raises.
        agreed.problems({}, "one")
    monkeypatch.setitem(agreed.DEFINITIONS, "odd", {"multipleOf": 2})
    with pytest.raises(ValueError, match="multipleOf: this module does not check it"):
        agreed.problems(3, "odd")
