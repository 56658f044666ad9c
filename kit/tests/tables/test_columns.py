"""The first step of a table's model: names stay with the model, and numbers stay as they are."""

import numpy as np
import pandas as pd
import pytest
import skops.io

from kit.registry.fingerprint import model_sha256
from kit.registry.model_files import ModelFiles
from kit.tables.columns import Columns, names_of
from kit.tables.rows import from_json, to_json

from .wines import CLASSIFIER, COLUMNS, ROWS, TRAINER


def test_numbers_stay_and_the_model_knows_their_names():
    columns = Columns(COLUMNS).fit(ROWS)
    passed = columns.transform(ROWS)
    assert passed.dtype == np.float64
    np.testing.assert_array_equal(passed, ROWS)
    assert columns.n_features_in_ == 2
    assert tuple(columns.get_feature_names_out()) == names_of(CLASSIFIER) == COLUMNS
    assert tuple(CLASSIFIER.feature_names_in_) == COLUMNS


def test_a_data_frame_may_have_its_columns_in_any_order():
    frame = pd.DataFrame(ROWS[:, ::-1], columns=COLUMNS[::-1])
    np.testing.assert_array_equal(CLASSIFIER.predict_proba(frame), CLASSIFIER.predict_proba(ROWS))


@pytest.mark.parametrize("shape", [(3, 1), (3, 3), (3,)])
def test_rows_of_another_form_are_refused(shape):
    with pytest.raises(ValueError, match=r"^rows have the shape \(3,.*; expected \(n, 2\)$"):
        Columns(COLUMNS).fit(np.ones(shape))
    with pytest.raises(ValueError, match=r"; expected \(n, 2\)$"):
        CLASSIFIER.predict(np.ones(shape))


def test_a_stored_model_loads_with_the_trusted_types_and_has_its_hash():
    stored = skops.io.dumps(CLASSIFIER)
    assert set(skops.io.get_untrusted_types(data=stored)) <= TRAINER.code.trusted
    loaded = ModelFiles(stored).load(model_sha256(CLASSIFIER), trusted=TRAINER.code.trusted)
    assert names_of(loaded) == COLUMNS
    np.testing.assert_array_equal(loaded.predict_proba(ROWS), CLASSIFIER.predict_proba(ROWS))


def test_other_names_are_another_model():
    other = skops.io.loads(skops.io.dumps(CLASSIFIER), trusted=sorted(TRAINER.code.trusted))
    assert model_sha256(other) == model_sha256(CLASSIFIER)
    other.steps[0][1].names = ("alcohol", "acid")
    assert model_sha256(other) != model_sha256(CLASSIFIER)


def test_a_row_goes_to_json_and_back_by_the_names():
    written = [to_json(CLASSIFIER, row) for row in ROWS[:3]]
    assert list(written[0]) == list(COLUMNS)
    shuffled = [dict(reversed(row.items())) for row in written]
    np.testing.assert_array_equal(from_json(CLASSIFIER, shuffled), ROWS[:3])
    assert to_json(CLASSIFIER, np.array([13.2, 0.1], np.float32)) == {COLUMNS[0]: 13.2, COLUMNS[1]: 0.1}
