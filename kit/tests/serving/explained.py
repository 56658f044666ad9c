"""Services of the trainer of customers whose answers can be explained, and a request to one of them."""

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kit.drift.reference import Reference
from kit.server.testing import ask

from .customers import COLUMNS, customer, served

ROWS = np.random.default_rng(1).gamma(2, 1, (400, 2)).astype(np.float32)
VALUES = 10 + 3 * ROWS[:, 0] - ROWS[:, 1]
LABELS = np.where(VALUES > 14, "leaves", "stays")
ROW = [5.0, 0.25]


def fitted(last, targets, first=None):
    return Pipeline([("features", first or StandardScaler()), ("last", last)]).fit(ROWS, targets)


REGRESSOR = fitted(LinearRegression(), VALUES)
CLASSIFIER = fitted(LogisticRegression(), LABELS)


def explained(pipeline, rows=ROWS, names=COLUMNS, steps=1, **facts):
    """A service whose reference has the features of the rows after the first steps."""
    reference = Reference.of(pipeline[:steps].transform(rows), names)
    return served(pipeline, reference=reference, **facts)


def explain(service, row=ROW):
    answer = ask(service, "POST", "/explain", json={"customer": customer(row)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(service):
    """The reason why no answer can be explained."""
    answer = ask(service, "POST", "/explain", json={"customer": customer(ROW)})
    error = answer.json()["error"]
    assert (answer.status_code, error["kind"], error["field"]) == (409, "unexplained", "model")
    return error["message"].removeprefix("this model version cannot be explained: ")


def middle(column):
    """The lower of the two middle values, as there are 400."""
    return np.sort(column)[199]
