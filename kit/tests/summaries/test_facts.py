"""The facts in a description."""

import dataclasses

import pytest

from kit.summaries import facts
from kit.summaries.facts import Champion, Facts, Run

METRICS = {
    "macroF1": 0.93, "weightedF1": 0.94, "accuracy": 0.9402, "logLoss": 0.2,
    "perClass": {
        "anomaly": {"precision": 0.98, "recall": 0.86, "f1": 0.92, "support": 924},
        "normal": {"precision": 0.9, "recall": 0.95, "f1": 0.94, "support": 4000},
    },
}  # fmt: skip
CHAMPION_METRICS = METRICS | {
    "macroF1": 0.961, "accuracy": 0.94,
    "perClass": {"anomaly": {"precision": 0.99, "recall": 0.96, "f1": 0.9204, "support": 924}},
}  # fmt: skip
REASON = "macro F1 0.930 is 0.031 below the 0.961 of the champion (version 2); at most 0.020 is allowed"
PARAMETERS = {
    "classifier": "hist_gradient_boosting", "leaves": "31", "seed": "7", "traces": "24000", "samples": "462",
}  # fmt: skip


@pytest.fixture
def told():
    return Facts(
        result={
            "version": "4", "reproduced": False, "alias": "challenger", "metrics": METRICS,
            "tuning": {"trials": 12, "requested": 20, "cutShort": True},
            "gate": {
                "passed": False, "reasons": [REASON], "compared": True, "note": "",
                "champion": {"version": "2", "metrics": CHAMPION_METRICS},
            },
        },
        data=("traces", "samples"),
        described=["- 24,000 traces of 462 samples"],
        quality="warn",
        doubts=["a.sgy: the sample interval is 4 in <one> place"],
        gate="refused",
        run=Run(PARAMETERS, "8181"),
        champion=Champion("2", Run({"leaves": "15", "C": "1.0", "seed": "7", "traces": "960"}, "9999")),
        seconds=83.4,
        trigger="alert ModelDrift",
    )  # fmt: skip


def test_a_refused_run_says_why_and_shows_every_figure_beside_the_champions(told):
    text = facts.describe(told)
    assert text.startswith(
        "Started by: alert ModelDrift.\n\nThis run registered **version 4**. "
        f"It has the alias `challenger`. The gate **refused** it:\n- {REASON}\n"
    )
    assert "### Against the champion (version 2), on the same hold-out" in text
    for row in (
        "| macro F1 | 0.961 | 0.930 | -0.031 |",
        "| accuracy | 0.940 | 0.940 | 0.000 |",
        "| log loss | 0.200 | 0.200 | 0.000 |",
        "| recall of anomaly | 0.960 | 0.860 | -0.100 |",
        "| F1 of anomaly | 0.920 | 0.920 | 0.000 |",
        "| recall of normal | - | 0.950 | - |",
    ):
        assert row in text.splitlines()
    assert text == facts.describe(told)


def test_parameters_data_and_time(told):
    lines = facts.describe(told).splitlines()
    assert "classifier `hist_gradient_boosting`, leaves `31`, seed `7`" in lines
    for line in (
        "| different from | version 2 | this run |",
        "| leaves | `15` | `31` |",
        "| classifier | - | `hist_gradient_boosting` |",
        "| C | `1.0` | - |",
        "- 24,000 traces of 462 samples",
        "- quality: warn",
        "- a.sgy: the sample interval is 4 in &lt;one> place",
        "- other data than version 2; traces 960 before, 24000 now",
        "83 s, with 12 of 20 trials, ended early by TIME_BUDGET.",
    ):
        assert line in lines
    assert not any(line.startswith("| seed") for line in lines)


def test_the_same_data_and_parameters_as_the_champion(told):
    same = dataclasses.replace(told, champion=Champion("2", told.run))
    assert "- the same data as version 2" in facts.describe(same)
    assert "The same as those of version 2." in facts.describe(same)


def test_a_gate_that_only_warned(told):
    warned = dataclasses.replace(told, gate="warned")
    text = facts.describe(warned)
    assert f"The gate **warned** of it, and let it pass:\n- {REASON}\n" in text


def test_without_a_comparison(told):
    gate = {"passed": True, "reasons": [], "compared": False, "champion": None, "note": "there is no <c>"}
    alone = dataclasses.replace(
        told, gate="passed", champion=None, trigger="", result=told.result | {"gate": gate},
    )  # fmt: skip
    text = facts.describe(alone)
    assert text.startswith("This run registered **version 4**. It has the alias `challenger`.")
    assert "The gate **passed** it." in text
    assert "Not compared with a champion: there is no &lt;c>." in text
    assert "| recall of anomaly | 0.860 |" in text
    assert "version 2" not in text


def test_a_champion_that_is_reproduced_is_not_held_against_itself(told):
    gate = told.result["gate"] | {"champion": None, "reasons": [], "note": "the candidate is the champion"}
    again = dataclasses.replace(
        told, gate="none", champion=Champion("4", None),
        result=told.result | {"gate": gate, "reproduced": True, "alias": "champion"},
    )  # fmt: skip
    text = facts.describe(again)
    assert text.splitlines()[2] == (
        "This run reproduces **version 4**: nothing new is registered. It has the alias `champion`. "
        "There is no gate."
    )
    assert "gone" not in text
    assert "The run of the champion (version 2) is gone." in facts.describe(
        dataclasses.replace(told, champion=Champion("2", None))
    )


def test_a_failure_is_shown_as_it_is_and_bounded():
    text = facts.describe_failure("Training failed.", "ValueError: <b>```\nno | thing" + "x" * 9000)
    assert text.startswith("**Training failed.** Nothing was registered.\n\n```\nValueError: <b>'''\nno |")
    assert text.endswith("x…\n```")
    assert len(text) < facts.LONGEST


def test_the_figures_of_a_regressor_have_their_names(told):
    result = told.result | {
        "metrics": {"rmse": 2.5, "r2": 0.9, "randomSplitRmse": 1.0},
        "gate": told.result["gate"] | {"champion": {"version": "2", "metrics": {"rmse": 3.0}}},
    }
    lines = facts.describe(dataclasses.replace(told, result=result)).splitlines()
    assert "| rmse | 3.000 | 2.500 | -0.500 |" in lines
    assert "| r2 | - | 0.900 | - |" in lines
    assert not any("randomSplit" in line for line in lines)
