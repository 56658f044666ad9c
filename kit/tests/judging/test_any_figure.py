"""Bounds on any figure, the direction of a comparison, and a gate that only warns."""

import math

import pytest

from kit.judging.bounds import Bound, Gate, Loss
from kit.judging.gate import PASSED, REFUSED, WARNED, Champion, figures_of, judge, metric_name

FIGURES = {"rmse": 3.0, "r2": 0.8, "recall.a": 0.7, "recall.b": 0.9, "modelBytes": 2_000_000.0}
THERE_ARE = "modelBytes, r2, recall.a, recall.b, rmse"


def reasons(gate, figures=FIGURES, champion=None):
    theirs = None if champion is None else Champion("2", champion, {})
    return list(judge(Gate.parse(gate), figures, theirs).reasons)


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"rmse": {"max": 3}}, []),
        ({"rmse": {"min": 3}}, []),
        ({"rmse": {"max": 2.9}}, ["rmse 3.000 is above the bound 2.900"]),
        ({"rmse": {"min": 3.1}}, ["rmse 3.000 is below the bound 3.100"]),
        ({"rmse": {"min": 2, "max": 4}}, []),
        ({"rmse": {"max": 2.9}, "r2": {"min": 0.9}}, [
            "rmse 3.000 is above the bound 2.900", "r2 0.800 is below the bound 0.900",
        ]),
        ({"recall.a": {"min": 0.8}}, ["recall of a 0.700 is below the bound 0.800"]),
        ({"recall.b": {"min": 0.8}}, []),
        # A name that is no figure stands for all those that begin with it.
        ({"recall": {"min": 0.95}}, [
            "recall of a 0.700 is below the bound 0.950", "recall of b 0.900 is below the bound 0.950",
        ]),
        ({"modelBytes": {"max": 1_000_000}}, ["modelBytes 2e+06 is above the bound 1e+06"]),
        ({"mape": {"max": 1}}, [f"gate.bounds.mape: no such figure; it has {THERE_ARE}"]),
        ({"mape": {"max": 1}, "rec": {"min": 0}, "rmse": {"max": 1}}, [
            f"gate.bounds.mape, gate.bounds.rec: no such figure; it has {THERE_ARE}",
            "rmse 3.000 is above the bound 1.000",
        ]),
    ],
)  # fmt: skip
def test_bounds(bounds, says):
    assert reasons({"bounds": bounds}) == says


def test_rounding_in_binary_refuses_nothing():
    """1 - 0.9 is a little less than 0.1, and 0.1 + 0.2 a little more than 0.3."""
    assert reasons({"floors": {"accuracy": 0.1}}, {"accuracy": 1 - 0.9}) == []
    assert reasons({"bounds": {"rmse": {"min": 0.1}}}, {"rmse": 1 - 0.9}) == []
    assert reasons({"bounds": {"rmse": {"max": 0.3}}}, {"rmse": 0.1 + 0.2}) == []


@pytest.mark.parametrize(
    ("better", "theirs", "says"),
    [
        ("lower", 2.9, []),
        ("lower", 2.5, [
            "rmse 3.000 is 0.500 above the 2.500 of the champion (version 2); at most 0.100 is allowed",
        ]),
        ("lower", 9.0, []),
        ("higher", 3.1, []),
        ("higher", 3.5, [
            "rmse 3.000 is 0.500 below the 3.500 of the champion (version 2); at most 0.100 is allowed",
        ]),
        ("higher", 1.0, []),
    ],
)  # fmt: skip
def test_a_comparison_has_a_direction(better, theirs, says):
    gate = {"regression": {"rmse": {"by": 0.1, "better": better}}}
    assert reasons(gate, champion={"rmse": theirs}) == says
    assert reasons(gate) == []


def test_a_regression_that_names_no_figure_is_refused_with_or_without_a_champion():
    gate = {"regression": {"mape": {"by": 1, "better": "lower"}}}
    says = [f"gate.regression.mape: no such figure; it has {THERE_ARE}"]
    assert reasons(gate) == says
    assert reasons(gate, champion={"mape": 1.0, "rmse": 1.0}) == says


@pytest.mark.parametrize(
    ("regression", "champion", "says"),
    [
        ({"rmse": {"by": 1, "better": "lower"}}, {}, [
            "gate.regression.rmse: no such figure; the champion has none",
        ]),
        # The platform gives these to any trainer. They count where there is such a figure.
        ({"macroF1": 0.02, "accuracy": 0.02}, {"rmse": 1.0}, []),
        ({"recall": 0.1}, {"rmse": 1.0}, ["gate.regression.recall: no such figure; the champion has rmse"]),
        ({"recall": 0.1}, {"recall.a": 0.7}, [
            "recall of b 0.900 cannot be compared: it is no figure of the champion (version 2)",
        ]),
        ({"recall": 0.1}, {"recall.a": 0.9, "recall.b": 0.9}, [
            "recall of a 0.700 is 0.200 below the 0.900 of the champion (version 2); "
            "at most 0.100 is allowed",
        ]),
    ],
)  # fmt: skip
def test_figures_that_champion_or_candidate_lack(regression, champion, says):
    assert reasons({"regression": regression}, champion=champion) == says


def test_a_measure_that_only_the_champion_has_is_told():
    assert reasons({"regression": {"macroF1": 0.02}}, champion={"macroF1": 0.9}) == [
        f"gate.regression.macroF1: no such figure; it has {THERE_ARE}"
    ]


def test_a_floor_that_names_no_figure_refuses_unless_it_is_0():
    assert reasons({"floors": {"macroF1": 0.7, "recall": 0.5}}) == [
        f"gate.floors.macroF1: no such figure; it has {THERE_ARE}"
    ]
    assert reasons({"floors": {"macroF1": 0, "recall": 0.5}}) == []


@pytest.mark.parametrize(
    ("defaults", "lacked"),
    [
        ("", "gate.floors.macroF1, gate.floors.accuracy"),
        ("accuracy", "gate.floors.macroF1"),
        ("macroF1", "gate.floors.accuracy"),
        ("macroF1,accuracy,recall", ""),
    ],
)
def test_a_floor_of_the_platform_is_void_without_its_figure_and_one_of_the_stack_is_not(defaults, lacked):
    gate = Gate.parse({"floors": {"macroF1": 0.7, "accuracy": 0.7}}).with_default_floors(defaults)
    said = [f"{lacked}: no such figure; it has {THERE_ARE}"] if lacked else []
    assert list(judge(gate, FIGURES, None).reasons) == said
    assert judge(gate, {"macroF1": 0.6, "accuracy": 0.9}, None).reasons == (
        "macro F1 0.600 is below the floor 0.700",
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_figure_that_is_no_number_is_refused_by_name_if_it_is_bounded(value):
    figures = {"rmse": value, "r2": 0.8}
    says = [f"rmse is {value}, which is no number to judge by"]
    assert reasons({"bounds": {"rmse": {"max": math.pi}}}, figures) == says
    assert reasons({"bounds": {"r2": {"min": 0.1}}}, figures) == []
    gate = {"regression": {"rmse": {"by": 1, "better": "lower"}}}
    assert reasons(gate, figures, {"rmse": 1.0}) == says
    assert reasons(gate, {"rmse": 1.0}, {"rmse": value}) == [
        f"rmse of the champion (version 2) is {value}, which is no number to judge by"
    ]


@pytest.mark.parametrize(
    ("mode", "most", "state"),
    [("block", 3, PASSED), ("block", 2, REFUSED), ("warn", 3, PASSED), ("warn", 2, WARNED)],
)
def test_a_gate_that_warns_lets_pass_and_says_why(mode, most, state):
    verdict = judge(Gate.parse({"bounds": {"rmse": {"max": most}}, "mode": mode}), FIGURES, None, "none yet")
    why = ["rmse 3.000 is above the bound 2.000"] if most == 2 else []
    assert verdict.as_tags() == {"gate": state, "gate_reasons": "\n".join(why)}
    told = verdict.as_result()
    assert (told["passed"], told["reasons"]) == (state != REFUSED, why)


def test_what_a_gate_has_is_what_it_was_given():
    given = {
        "bounds": {"rmse": {"max": 3}, "r2": {"min": 0, "max": 1}},
        "regression": {"rmse": {"by": 1, "better": "lower"}, "recall": 0.1}, "mode": "warn",
    }  # fmt: skip
    assert Gate.parse(given) == Gate(
        {}, {}, {"rmse": Loss(1.0, "lower"), "recall": Loss(0.1)},
        {"rmse": Bound(most=3.0), "r2": Bound(0.0, 1.0)}, "warn",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "name"),
    [
        ("macroF1", "macro_f1"),
        ("logLoss", "log_loss"),
        ("rmse", "rmse"),
        ("modelBytes", "model_bytes"),
        ("gap.macroF1", "gap_macro_f1"),
        ("recall.Salt.dome", "recall_Salt.dome"),
        ("rocAuc", "roc_auc"),
        ("rocAuc.Salt", "roc_auc_Salt"),
        ("calibrationError", "calibration_error"),
    ],
)
def test_names_among_mlflows_metrics(figure, name):
    assert metric_name(figure) == name


def test_figures_of_a_result_line():
    of_a = {"precision": 0.1, "recall": 0.2, "f1": 0.3, "support": 9}
    assert figures_of({"macroF1": 0.5, "rmse": 2, "perClass": {"a": of_a}}) == {
        "macroF1": 0.5, "rmse": 2, "precision.a": 0.1, "recall.a": 0.2, "f1.a": 0.3,
    }  # fmt: skip
    assert figures_of({"rmse": 2, "perClass": {"a": {}}}) == {"rmse": 2}
    assert figures_of({"rmse": 2}) == {"rmse": 2}
