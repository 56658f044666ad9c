"""Which candidate of retraining is taken up. Whole runs are in the trainer's own tests."""

import dataclasses
import json
from types import SimpleNamespace

import pytest
from small_trainers import SETTINGS

from kit.judging.bounds import Gate
from kit.registry.names import JUDGED_RUN, RECIPE, RESULT
from kit.registry.versions import Champion
from kit.training.candidate import find_candidate, recipe_of

DATA, CHAMPION = "8" * 64, Champion("1", "a" * 64, "")
RUN = dataclasses.replace(SETTINGS, image="trainer:abc", gate=Gate.parse({"floors": {"macroF1": 0.5}}))


@pytest.mark.parametrize(
    "changes",
    [
        {"image": "trainer:abd"}, {"git_commit": "0123456"}, {"seed": 8}, {"trials": 3}, {"time_budget": 5.0},
        {"hyperparameters": {"strength": 2}}, {"trainer_settings": "other"}, {"gate": None},
        {"gate_uncompared": "refuse"}, {"environment": "prod"},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_what_decides_the_model_or_the_verdict_is_in_the_recipe(changes):
    assert recipe_of(RUN, DATA, CHAMPION) != recipe_of(dataclasses.replace(RUN, **changes), DATA, CHAMPION)


@pytest.mark.parametrize("changes", [{"threads": 8}, {"run_token": "two"}, {"run_trigger": "alert"}])
def test_what_decides_nothing_is_not(changes):
    assert recipe_of(RUN, DATA, CHAMPION) == recipe_of(dataclasses.replace(RUN, **changes), DATA, CHAMPION)


def test_other_data_and_another_champion_are_another_recipe():
    recipes = {
        recipe_of(RUN, DATA, CHAMPION), recipe_of(RUN, "9" * 64, CHAMPION), recipe_of(RUN, DATA, None),
        recipe_of(RUN, DATA, dataclasses.replace(CHAMPION, version="2")),
        recipe_of(RUN, DATA, dataclasses.replace(CHAMPION, sha256="b" * 64)),
    }  # fmt: skip
    assert len(recipes) == 5
    # The files' hash is not known to a retraining, which finds the champion by its alias.
    assert recipe_of(RUN, DATA, dataclasses.replace(CHAMPION, files_sha256="c" * 64)) in recipes


@pytest.mark.parametrize("changes", [{"image": ""}, {"git_dirty": True}])
def test_a_source_that_the_image_does_not_tell_has_no_recipe(changes):
    assert recipe_of(dataclasses.replace(RUN, **changes), DATA, CHAMPION) == ""


class Registry:
    """A registry with one judged challenger."""

    def __init__(self):
        tags = {RECIPE: recipe_of(RUN, DATA, CHAMPION), JUDGED_RUN: "r"}
        self.version = SimpleNamespace(version=2, tags=tags)
        self.tags = {"trigger": "alert ModelDrift", "gate": "passed"}
        self.result = json.dumps({"sha256": "d" * 64}).encode()
        self.found = (self.version, "e" * 64)
        self.versions = SimpleNamespace(
            champion=lambda: CHAMPION, challenger=lambda: self.version,
            find_reproduced=lambda sha256: self.found if sha256 == "d" * 64 else None,
        )  # fmt: skip

    def run(self, run_id):
        return SimpleNamespace(data=SimpleNamespace(tags=self.tags)) if run_id == "r" else None

    def artifact(self, run_id, name):
        return self.result if (run_id, name) == ("r", RESULT) else None


def test_a_judged_challenger_is_found():
    for state in ("passed", "warned", "none"):
        registry = Registry()
        registry.tags["gate"] = state
        found = find_candidate(registry, RUN, DATA)
        assert (found.version, found.files_sha256, found.run_id) == (registry.version, "e" * 64, "r")
        assert found.result["sha256"] == "d" * 64


def no_challenger(registry):
    registry.version = None


def another_recipe(registry):
    registry.version.tags[RECIPE] = "f" * 64


def no_judged_run(registry):
    del registry.version.tags[JUDGED_RUN]


def its_run_is_gone(registry):
    registry.version.tags[JUDGED_RUN] = "gone"


def not_of_retraining(registry):
    del registry.tags["trigger"]


def refused(registry):
    registry.tags["gate"] = "refused"


def unknown_verdict(registry):
    del registry.tags["gate"]


def no_result(registry):
    registry.result = None


def wrong_result(registry):
    registry.result = b"[]"


def no_json(registry):
    registry.result = b"{"


def files_are_changed(registry):
    registry.found = None


def another_version_has_the_hash(registry):
    registry.found = (SimpleNamespace(version=1), "e" * 64)


@pytest.mark.parametrize(
    "change",
    [
        no_challenger, another_recipe, no_judged_run, its_run_is_gone, not_of_retraining, refused,
        unknown_verdict, no_result, wrong_result, no_json, files_are_changed, another_version_has_the_hash,
    ],
)  # fmt: skip
def test_any_other_is_trained(change):
    registry = Registry()
    change(registry)
    assert find_candidate(registry, RUN, DATA) is None


def test_retraining_itself_trains():
    assert find_candidate(Registry(), dataclasses.replace(RUN, run_trigger="schedule"), DATA) is None
