"""What the package reads, writes and prints is what contract/trainer.schema.json says."""

import json
from types import SimpleNamespace

import pytest
import trainer_contract as agreed

from tabular import contract, demo, registry, run, serving
from tabular.data import NAME


def fields_of(settings):
    """The fields, by the names of their variables."""
    return {(each.alias or name).upper(): each for name, each in settings.model_fields.items()}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with a demo table."""
    folder = tmp_path_factory.mktemp("data")
    demo.wines(300, 7).to_csv(folder / NAME, index=False)
    return folder


@pytest.fixture
def variables(data):
    """What a run is told that registers."""
    return {
        "MLFLOW_TRACKING_URI": "http://localhost:1", "MLFLOW_EXPERIMENT_NAME": "wine", "MODEL_NAME": "Wine",
        "DATA_DIR": str(data), "ENVIRONMENT": "dev", "RUN_TOKEN": "one", "HYPERPARAMETERS": '{"C": 1.0}',
        "GIT_COMMIT": "abc1234", "RELEASE_REF": "v1", "IMAGE": "a:b", "RUN_TRIGGER": "alert A",
    }  # fmt: skip


class Registered:
    """Stands for MLflow: remembers what it is given."""

    run_id, experiment_id = "attempt", "1"

    def __init__(self):
        self.tags, self.expectations = {}, None

    def start(self, name, tags):
        self.tags = dict(tags)

    def publish(self, trained, champions, tags, verdict, expectations):
        self.tags, self.expectations = {**tags, **verdict}, expectations
        version = SimpleNamespace(version=1, run_id="run", creation_timestamp=1_700_000_000_000)
        return version, "1" * 64, registry.CHALLENGER, False

    def end(self, status, description):
        pass


@pytest.fixture
def mlflow(monkeypatch):
    """Takes the place of MLflow."""
    mine = Registered()
    monkeypatch.setattr(registry, "connect", lambda *_: None)
    monkeypatch.setattr(run, "Registry", lambda *_: mine)
    return mine


@pytest.mark.parametrize(
    ("definition", "settings"), [("trainingVariables", run.Settings), ("servingVariables", serving.Settings)]
)
def test_the_variables_that_are_read_are_the_contracts(definition, settings):
    fields = fields_of(settings)
    own = set() if definition == "trainingVariables" else {"MLFLOW_RETRY_SECONDS"}
    assert set(fields) - own <= set(agreed.properties(definition))
    needed = {name for name, each in fields.items() if each.is_required()}
    assert needed <= agreed.needed(definition)


@pytest.mark.parametrize("definition", ["trainingVariables", "servingVariables"])
def test_a_default_has_the_effect_of_the_contracts(definition, variables):
    settings = run.Settings if definition == "trainingVariables" else serving.Settings
    given = variables | {"MODEL_VERSION": "1", "MODEL_SHA256": "0" * 64}
    given = {name: given[name] for name in agreed.needed(definition)}
    fields = fields_of(settings)
    for name, default in agreed.defaults(definition).items():
        if name in fields and default:
            assert settings.read(given | {name: default}) == settings.read(given), name
        elif name in fields:
            assert fields[name].default in (None, ""), name


def test_words_and_names_are_the_contracts():
    assert agreed.exit_codes() == agreed.exit_codes_of(vars(contract))
    assert agreed.constant("champion") == registry.CHAMPION
    assert agreed.constant("challenger") == registry.CHALLENGER


def test_a_run_prints_and_leaves_what_the_contract_says(variables, mlflow, capsys):
    result = run.run(variables | {"GATE": '{"floors": {"macroF1": 1}}'}, [])
    assert agreed.problems(json.loads(json.dumps(result)), "result") == []
    # The platform does without some of them; this trainer prints all.
    assert set(result) == set(agreed.properties("result"))
    assert set(result["gate"]) == set(agreed.properties("judgement"))
    assert agreed.problems(mlflow.tags, "versionTags") == []
    # The first trainer sets the first one, and the platform the other.
    assert set(agreed.properties("versionTags")) - set(mlflow.tags) == {"quality", "artifacts_pruned"}
    assert agreed.problems(mlflow.expectations, "expectations") == []
    lines = capsys.readouterr().err.splitlines()
    told = [line.removeprefix(f"{agreed.constant('progressWord')} ") for line in lines]
    assert [problem for each in told for problem in agreed.problems(json.loads(each), "progress")] == []
    stages = list(dict.fromkeys(json.loads(each)["stage"] for each in told))
    assert stages == [stage for stage in agreed.constants("stage") if stage in stages]


@pytest.mark.parametrize(
    ("gate", "state", "reason"),
    [
        ('{"bounds": {"logLoss": {"max": 9}}}', "passed", None),
        ('{"bounds": {"logLoss": {"min": 9}}}', "refused", "logLoss 0.0"),
        ('{"bounds": {"recall": {"min": 2}}, "mode": "warn"}', "warned", "recall of "),
        ("", "none", None),
    ],
)
def test_the_gate_bounds_any_figure(variables, mlflow, gate, state, reason):
    told = run.run(variables | {"GATE": gate, "TRIALS": "1"}, [])["gate"]
    assert (mlflow.tags["gate"], told["passed"]) == (state, state != "refused")
    assert mlflow.tags["gate_reasons"] == "\n".join(told["reasons"])
    assert told["reasons"][0].startswith(reason) if reason else told["reasons"] == []


@pytest.mark.parametrize(
    ("gate", "code", "says"),
    [
        (
            '{"floor": {}}',
            contract.CONFIGURATION,
            "floor: unknown; allowed: floors, regression, bounds, mode",
        ),
        (
            '{"bounds": {"rmse": {"max": 1}}}',
            contract.CONFIGURATION,
            "gate.bounds.rmse: no such figure; it has acc",
        ),
        (
            '{"floors": {"classRecall": {"rose": 1}}}',
            contract.DATA,
            "GATE: classRecall of rose; the data has ",
        ),
    ],
)
def test_a_wrong_gate_is_told_before_anything_is_fitted(variables, mlflow, monkeypatch, gate, code, says):
    monkeypatch.setattr(run.learning, "fit", None)
    with pytest.raises(contract.Failure) as failure:
        run.run(variables | {"GATE": gate}, [])
    assert failure.value.code == code
    assert says in str(failure.value)


def test_a_run_that_registers_nothing_prints_what_the_contract_says(data):
    result = run.run({"REGISTER": "false", "DATA_DIR": str(data), "TRIALS": "1"}, [])
    assert agreed.problems(json.loads(json.dumps(result)), "unregisteredResult") == []
