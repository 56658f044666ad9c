import math

import pytest

from kit.status.page.words import figures, title


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("macro_f1", "Macro F1"), ("rmse", "RMSE"), ("r2", "R²"), ("confusion", "Confusion matrix"),
        ("held_out_rows", "Held out rows"), ("a-b", "A b"), ("_x", "X"), ("_", ""),
        ("ROC by day", "ROC by day"),
    ],
)  # fmt: skip
def test_names_in_words(name, words):
    assert title(name) == words


@pytest.mark.parametrize(
    ("metrics", "names"),
    [
        ({"accuracy": 0.9, "a": 1.0, "macro_f1": 0.8, "rmse": 1.0}, ["macro_f1", "accuracy"]),
        ({"accuracy": 0.9, "a": 1.0}, ["accuracy"]),
        ({"r2": 0.9, "bias": 1.0, "mae": 2.0, "rmse": 3.0}, ["rmse", "mae", "r2"]),
        ({"rmse": 3.0, "champion_rmse": 4.0, "champion_mae": 2.0, "zeal": 1, "bias": 1.0},
         ["rmse", "bias", "zeal"]),
        ({"system/cpu": 1.0, "rmse": math.nan, "mae": None, "r2": "x"}, []),
        ({}, []),
    ],
    ids=["classifier", "half a classifier", "regressor", "others", "no figures", "nothing"],
)  # fmt: skip
def test_the_first_figures_of_a_run(metrics, names):
    found = figures(metrics)

    assert [each["name"] for each in found] == names
    assert [each["value"] for each in found] == [metrics[name] for name in names]
