"""A champion of a table gets the values of a row by the names of the columns, in its own order."""

import json

import numpy as np
import pytest
import skops.io

from kit.registry.fingerprint import model_sha256
from kit.registry.model_files import MODEL
from kit.tables.rows import from_json, to_json
from kit.training.champion import predict

from .wines import CLASSIFIER, COLUMNS, ROWS, TRAINER

ANSWER = CLASSIFIER.predict_proba(ROWS)


@pytest.fixture
def judged(tmp_path):
    """The predictions of a champion for rows with these columns."""
    (tmp_path / MODEL).write_bytes(skops.io.dumps(CLASSIFIER))
    expected = {
        "path": "/predict", "body": {"row": to_json(CLASSIFIER, ROWS[0])},
        "answer": {"probabilities": dict(zip(CLASSIFIER.classes_, ANSWER[0].tolist(), strict=True))},
    }  # fmt: skip
    (tmp_path / "expectations.json").write_text(json.dumps({"requests": [expected]}))

    def of(rows, columns):
        np.save(tmp_path / "rows.npy", rows)
        predict(
            folder=str(tmp_path), sha256=model_sha256(CLASSIFIER), files_sha256="",
            rows=str(tmp_path / "rows.npy"), answer=str(tmp_path / "answer.npz"),
            trusted=TRAINER.code.trusted, field="row", fields="rows",
            from_json=(from_json.__module__, from_json.__qualname__), columns=columns,
        )  # fmt: skip
        with np.load(tmp_path / "answer.npz") as answer:
            return answer["predictions"]

    return of


def test_values_are_put_into_the_champions_order(judged):
    np.testing.assert_allclose(judged(ROWS, COLUMNS), ANSWER)
    np.testing.assert_allclose(judged(ROWS[:, ::-1], COLUMNS[::-1]), ANSWER)


def test_a_champion_that_knows_other_columns_is_not_compared(judged):
    with pytest.raises(ValueError, match=r"^it takes other columns than the data has: acid, alcohol$"):
        judged(ROWS, ("acid", COLUMNS[1]))
    with pytest.raises(ValueError, match=r"other columns than the data has: acid$"):
        judged(np.ones((3, 3), np.float32), (*COLUMNS, "acid"))
