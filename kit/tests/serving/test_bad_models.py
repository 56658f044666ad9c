"""Models that are not what they say: refused at the start, or an answer 500 with a line in the log."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.server.errors import ModelRefused
from kit.server.testing import ask

from .customers import Lines, customer, served

ROWS = np.random.default_rng(1).normal(0, 1, (40, 2)).astype(np.float32)
VALUES = ROWS[:, 0]


def fit(last, labels=VALUES):
    return Pipeline([("scale", StandardScaler()), ("last", last)]).fit(ROWS, labels)


REGRESSOR = fit(LinearRegression())
CLASSIFIER = fit(LogisticRegression(), np.where(VALUES > 0, "leaves", "stays"))


def constant(*outputs):
    """Predicts the same for every row."""
    return lambda rows, observe=None: np.tile(np.array(outputs, float), (len(rows), 1))


@pytest.mark.parametrize(
    ("pipeline", "facts", "says"),
    [
        (
            REGRESSOR,
            {"probabilities": constant(np.nan)},
            r"predicts values that are not finite: \[nan, nan\]",
        ),
        (
            REGRESSOR,
            {"probabilities": constant(np.inf)},
            r"predicts values that are not finite: \[inf, inf\]",
        ),
        (CLASSIFIER, {"probabilities": constant(np.nan, 1)}, r"predicts no probabilities for .*nan"),
        (CLASSIFIER, {"probabilities": constant(0.7, 0.7)}, r"predicts no probabilities for "),
        (CLASSIFIER, {"probabilities": constant(0.5, 0.25, 0.25)}, r"predicts no probabilities for "),
        (REGRESSOR, {"probabilities": constant(1, 2)}, r"predicts .*; expected one value a row"),
        (fit(LinearRegression(), ROWS), {}, r"predicts .*; expected one value a row"),
        (
            REGRESSOR,
            {"probabilities": lambda rows, observe=None: rows[:1]},
            r"gives 1 predictions for 2 rows",
        ),
        (REGRESSOR, {"probabilities": lambda rows, observe=None: None}, r"does not predict rows .*TypeError"),
        (
            REGRESSOR,
            {"n_values": 3},
            r"does not predict rows of 3 values, which its handler reads: ValueError",
        ),
        (REGRESSOR, {"n_values": None}, r"does not predict rows of None values, which its handler reads: "),
    ],
)
def test_a_model_that_does_not_predict_what_it_says_is_refused_at_the_start(pipeline, facts, says):
    with pytest.raises(ModelRefused, match=f"^MODEL_VERSION: Customers version 4 {says}") as refused:
        served(pipeline, **facts)
    assert "\n" not in str(refused.value)


def test_a_regressor_that_overflows_on_noise_is_asked_by_its_example():
    def steep(rows, observe=None):
        return np.where(np.abs(rows[:, :1]) < 1e-6, 1.0, np.inf)

    with pytest.raises(ModelRefused, match="not finite"):
        served(REGRESSOR, probabilities=steep)
    assert served(REGRESSOR, probabilities=steep, sample=np.zeros(2, np.float32)).model.sample is not None


class Spoilt:
    """Predicts well, but for rows whose first number is 7."""

    def __init__(self, pipeline, bad):
        self._own = pipeline
        self._bad = bad

    def __call__(self, rows, observe=None):
        found = (
            self._own.predict_proba(rows)
            if hasattr(self._own, "classes_")
            else self._own.predict(rows)[:, None]
        )
        return self._bad(found) if (rows[:, 0] == 7).any() else found


def with_nan(found):
    found[-1, 0] = np.nan
    return found


NOT_FINITE = "the model predicted a number that is not finite"


@pytest.mark.parametrize("pipeline", [REGRESSOR, CLASSIFIER], ids=["regressor", "classifier"])
@pytest.mark.parametrize(
    ("bad", "says"),
    [(with_nan, NOT_FINITE), (lambda found: found[:-1], "the model gave {} predictions for {} rows")],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_prediction_that_is_none_is_the_servers_error_and_others_are_answered(
    pipeline, bad, says, rows, caplog
):
    service = served(pipeline, probabilities=Spoilt(pipeline, bad))
    well, ill = customer([1, 2]), customer([7, 2])

    path = "/predict" if rows == 1 else "/batch_predict"
    answer = ask(service, "POST", path, json={"customer": ill, "customers": [well, well, ill]})

    says = says.format(rows - 1, rows)
    assert answer.status_code == 500
    assert answer.json()["error"] == {"kind": "prediction", "field": "model", "message": says}
    assert [record.getMessage() for record in caplog.records] == [f"POST {path}: {says}"]
    told = ask(service, "GET", "/metrics").text
    assert 'model_request_errors_total{kind="prediction"} 1.0' in told
    assert ask(service, "POST", "/predict", json={"customer": well}).status_code == 200


def test_a_file_whose_first_rows_cannot_be_predicted_is_an_error_and_not_half_an_answer():
    service = served(REGRESSOR, probabilities=Spoilt(REGRESSOR, with_nan), files=Lines())

    answer = ask(service, "POST", "/batch_predict", files={"file": b"1,2\n7,2\n"})

    assert (answer.status_code, answer.json()["error"]["message"]) == (500, NOT_FINITE)
