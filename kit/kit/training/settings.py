"""The environment variables of one training run. docs/trainer-contract.md describes them in prose."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.contract import variables
from kit.contract.environment import FromEnvironment, needed, optional
from kit.judging.bounds import Gate
from kit.judging.gate import FLOORS, REFUSE

if TYPE_CHECKING:
    from kit.learning.space import Space

# Optuna's and scikit-learn's generators take 32-bit seeds.
MAX_SEED = 2**32 - 1
LONGEST_TRIGGER = 200
HYPERPARAMETERS = "HYPERPARAMETERS"


def _gate(text: str) -> Gate | None:
    return Gate.parse(variables.json_object(text, '{"floors": {"macroF1": 0.7}}'))


def no_hyperparameters(text: str) -> dict[str, Any]:
    """The hyperparameters of a trainer that has none."""
    if given := variables.json_object(text, "{}"):
        raise ValueError(f"got {', '.join(sorted(given))}; this trainer has no hyperparameters")
    return {}


def hyperparameters(space: "Callable[[], Space]") -> Any:
    """The field `hyperparameters` of a trainer's settings.

    Parameters
    ----------
    space : gives the trainer's parameters. It is called only if there are hyperparameters, because it may
        import slow libraries.
    """

    def parse(text: str) -> dict[str, Any]:
        values = variables.json_object(text, '{"C": 1.0}')
        space().check(values)
        return values

    return optional(HYPERPARAMETERS, parse, factory=dict)


@dataclass(frozen=True, kw_only=True)
class Settings(FromEnvironment):
    """The settings of one training run. This is the only place with the defaults of optional variables.

    MLflow's variables may be empty if `register` is False.
    """

    # Read it first, because it decides which variables are needed.
    register: bool = optional("REGISTER", variables.flag, True)
    mlflow_tracking_uri: str = needed(
        "MLFLOW_TRACKING_URI", variables.address("http://mlflow:5000"),
        "the address of this environment's MLflow, such as http://mlflow:5000", "",
    )  # fmt: skip
    mlflow_experiment_name: str = needed(
        "MLFLOW_EXPERIMENT_NAME", str, "the experiment that gets the run, such as seismic-dev", ""
    )
    model_name: str = needed(
        "MODEL_NAME", variables.model_name, "the registered model's name, such as SeismicClassifier", ""
    )
    data_dir: Path = needed("DATA_DIR", variables.folder, "the folder with the data, such as /data")
    environment: str = needed("ENVIRONMENT", str, "the environment's name, such as dev", "")
    run_token: str = needed("RUN_TOKEN", str, "any text that identifies this attempt, such as a UUID", "")
    gate: Gate | None = optional("GATE", _gate, None)
    gate_default_floors: str = optional("GATE_DEFAULT_FLOORS", str, "")
    gate_uncompared: str = optional("GATE_UNCOMPARED", variables.one_of(REFUSE, FLOORS), FLOORS)
    champion_version: str = optional("CHAMPION_VERSION", variables.version, "")
    champion_sha256: str = optional("CHAMPION_SHA256", variables.sha256, "")
    champion_files_sha256: str = optional("CHAMPION_FILES_SHA256", variables.sha256, "")
    release_ref: str = optional("RELEASE_REF", str, "")
    git_commit: str = optional("GIT_COMMIT", str, "")
    git_dirty: bool = optional("GIT_DIRTY", variables.flag, False)
    image: str = optional("IMAGE", str, "")
    seed: int = optional("SEED", variables.whole(0, MAX_SEED), 7)
    trials: int = optional("TRIALS", variables.whole(1, 10_000), 20)
    time_budget: float = optional("TIME_BUDGET", variables.seconds, 1800.0)
    # A trainer declares these two again, with `hyperparameters` of its space, and with the type of its own
    # settings. That type has the given settings by name, as `given`.
    hyperparameters: Mapping[str, Any] = optional(HYPERPARAMETERS, no_hyperparameters, factory=dict)
    trainer_settings: Any = optional(variables.TRAINER_SETTINGS, variables.no_settings, None)
    log_level: str = optional("LOG_LEVEL", variables.log_level, "INFO")
    threads: int = optional("THREADS", variables.whole(1, 1024), factory=lambda: os.process_cpu_count() or 1)
    mlflow_retry_seconds: float = optional("MLFLOW_RETRY_SECONDS", variables.seconds, 60.0)
    run_trigger: str = optional("RUN_TRIGGER", variables.short(LONGEST_TRIGGER), "")
    summary_url: str = optional("SUMMARY_URL", variables.address("http://ollama:11434"), "")
    summary_model: str = optional("SUMMARY_MODEL", variables.ollama_model, "llama3.2:1b")
    summary_timeout: float = optional("SUMMARY_TIMEOUT", variables.seconds, 120.0)

    def __post_init__(self) -> None:
        # Whoever has the gate then knows which of its floors are void without their figure.
        if self.gate is not None:
            object.__setattr__(self, "gate", self.gate.with_default_floors(self.gate_default_floors))

    @classmethod
    def is_needed(cls, name: str, values: Mapping[str, Any]) -> bool:
        """Only the data is needed if nothing is registered."""
        return name == "DATA_DIR" or values.get("register", True)

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> Iterator[str]:
        """A champion needs its hash."""
        if "champion_version" in values and "champion_sha256" not in values:
            yield "CHAMPION_SHA256: not given; it says which model CHAMPION_VERSION must be"
