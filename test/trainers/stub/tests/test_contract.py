"""What the package reads, and the names that it has, are those of contract/trainer.schema.json."""

import signal
from pathlib import Path

import pytest
import trainer_contract as agreed

from stub import contract, registry, serving, train
from stub.gate import BOUNDS

READERS = [("trainingVariables", train), ("servingVariables", serving)]


@pytest.fixture
def asked(monkeypatch):
    """The variables that a module asks for if it gets none, and their defaults; None for a needed one."""

    def of(module):
        found = {}

        class Asked(contract.Variables):
            def text(self, name, default=None):
                # A variable may be read twice: once for its value, once for a tag.
                found.setdefault(name, default)
                return super().text(name, default)

            def read(self, name, read, default):
                found.setdefault(name, default)
                return super().read(name, read, default)

        monkeypatch.setattr(module, "Variables", Asked)
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        # Only the image has the lock.
        monkeypatch.setattr(train, "LOCK", Path(__file__))
        with pytest.raises(contract.Failure) as raised:
            train.run({}, []) if module is train else serving.serve({})
        assert raised.value.code == contract.CONFIGURATION
        return found

    return of


@pytest.mark.parametrize(("definition", "module"), READERS)
def test_the_variables_that_are_read_are_the_contracts(asked, definition, module):
    found = asked(module)
    assert set(found) <= set(agreed.properties(definition))
    needed = {name for name, default in found.items() if default is None and name != "HYPERPARAMETERS"}
    assert needed <= agreed.needed(definition)


@pytest.mark.parametrize(("definition", "module"), READERS)
def test_a_default_is_the_contracts(asked, definition, module):
    found = asked(module)
    defaults = {name: text for name, text in agreed.defaults(definition).items() if name in found}
    for name in ("HYPERPARAMETERS", "GATE"):
        # These two are read into objects, and tests of runs leave them out.
        defaults.pop(name, None)
    for name, text in defaults.items():
        default = found[name]
        if text in ("", "false"):
            assert not default, name
        else:
            assert type(default)(text) == default, name


def test_words_and_names_are_the_contracts():
    assert agreed.exit_codes() == agreed.exit_codes_of(vars(contract))
    assert agreed.constant("champion") == registry.CHAMPION
    assert agreed.constant("challenger") == registry.CHALLENGER
    assert set(BOUNDS) == set(agreed.properties("bounds"))
    assert set(BOUNDS["floors"]) == set(agreed.properties("bounds", "floors"))
    assert set(BOUNDS["regression"]) == set(agreed.properties("bounds", "regression"))
