"""All that a run has to publish, and its origin."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.judging.gate import Verdict, metric_name
from kit.registry.names import COMMIT, DATA_HASH_TAG, HASH_TAG, RELEASE, RUN_TOKEN, TRIGGER
from kit.registry.versions import Champion
from kit.training.learner import Learner
from kit.training.settings import Settings
from kit.training.trained import Trained


@dataclass(frozen=True)
class Run:
    """All that a run has to publish.

    `champion` is the version that served when the run was judged. `lock` pins the packages of the image.
    """

    settings: Settings
    learner: Learner
    data: Any
    trained: Trained
    verdict: Verdict
    champion: Champion | None
    lock: Path

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the run and of its version, without the gate's."""
        return {
            **run_tags(self.settings, self.lock, self.data.sha256),
            HASH_TAG: self.trained.sha256,
            "quality": self.data.quality["verdict"],
        }

    @property
    def parameters(self) -> dict[str, Any]:
        """What was chosen, what was given, and what the data is."""
        own = self.settings.trainer_settings
        return {
            **self.trained.tuned.parameters,
            "seed": self.settings.seed,
            "trials": self.trained.tuned.requested,
            "fixed": json.dumps(dict(self.settings.hyperparameters), sort_keys=True),
            "block_size": self.trained.split.block_size,
            **self.data.facts,
            **(own.given if own is not None else {}),
        }

    @property
    def metrics(self) -> dict[str, float]:
        """All figures, by MLflow's names."""
        trained = self.trained
        return {
            **trained.scores.as_metrics(),
            **{metric_name(name): value for name, value in trained.claimed.items()},
            f"cross_validated_{metric_name(self.learner.task.figure)}": trained.tuned.score,
            **{metric_name(name): value for name, value in {**trained.own, **trained.further}.items()},
            **self.verdict.as_metrics(),
        }


def run_tags(settings: Settings, lock: Path, data_sha256: str = "") -> dict[str, str]:
    """The origin of a run and its version."""
    return {
        COMMIT: settings.git_commit,
        "git_dirty": str(settings.git_dirty).lower(),
        "mlflow.source.git.commit": settings.git_commit,
        RELEASE: settings.release_ref,
        "image": settings.image,
        "environment": settings.environment,
        "seed": str(settings.seed),
        "lock_sha256": hashlib.sha256(lock.read_bytes()).hexdigest(),
        RUN_TOKEN: settings.run_token,
        TRIGGER: settings.run_trigger,
        DATA_HASH_TAG: data_sha256,
    }
