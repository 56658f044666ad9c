"""The gate's thresholds and decisions, with invented figures."""

import pytest

from kit.judging.bounds import Gate, Loss
from kit.judging.gate import NONE, PASSED, REFUSED, Champion, judge

CLASSES = ("normal", "anomaly", "boundary")


def scores(macro_f1=0.9, accuracy=0.9, **recalls):
    recalls = {"anomaly": 0.9, "normal": 0.9} | recalls
    single = {f"recall.{name}": value for name, value in recalls.items()}
    return {"macroF1": macro_f1, "accuracy": accuracy, **single}


def champion_of(figures):
    return Champion("2", figures, {"macroF1": figures.get("macroF1")})


@pytest.mark.parametrize(
    ("gate", "candidate", "reasons"),
    [
        ({"floors": {"macroF1": 0.7}}, scores(0.7), []),
        ({"floors": {"macroF1": 0.7}}, scores(0.699), ["macro F1 0.699 is below the floor 0.700"]),
        ({"floors": {"accuracy": 0.7}}, scores(accuracy=0.5), ["accuracy 0.500 is below the floor 0.700"]),
        ({"floors": {"recall": 0.5}}, scores(anomaly=0.5), []),
        (
            {"floors": {"recall": 0.5}},
            scores(anomaly=0.412, normal=0.1),
            [
                "recall of anomaly 0.412 is below the floor 0.500",
                "recall of normal 0.100 is below the floor 0.500",
            ],
        ),
        # A class's own floor can only raise the common floor.
        (
            {"floors": {"recall": 0.5, "classRecall": {"anomaly": 0.6}}},
            scores(anomaly=0.55, normal=0.55),
            ["recall of anomaly 0.550 is below the floor 0.600"],
        ),
        (
            {"floors": {"recall": 0.5, "classRecall": {"anomaly": 0.3}}},
            scores(anomaly=0.4),
            ["recall of anomaly 0.400 is below the floor 0.500"],
        ),
        ({"floors": {"classRecall": {"anomaly": 0.6}}}, scores(normal=0.1), []),
        (
            {"floors": {"classRecall": {"boundary": 0.6}}},
            scores(),
            ["recall of boundary is unknown, since nothing is labelled so; its floor is 0.600"],
        ),
        ({"regression": {"macroF1": 0.02}}, scores(0.1, 0.1, anomaly=0.1), []),
    ],
)
def test_floors(gate, candidate, reasons):
    verdict = judge(Gate.parse(gate), candidate, None, "there is no champion yet")
    assert list(verdict.reasons) == reasons
    assert verdict.state == (REFUSED if reasons else PASSED)
    assert verdict.as_result() == {
        "passed": not reasons, "reasons": reasons, "compared": False, "champion": None,
        "note": "there is no champion yet",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("regression", "candidate", "champion", "reasons"),
    [
        # In binary, 0.92 - 0.90 is more than 0.02.
        ({"macroF1": 0.02}, scores(0.90), scores(0.92), []),
        (
            {"macroF1": 0.02},
            scores(0.621),
            scores(0.926),
            ["macro F1 0.621 is 0.305 below the 0.926 of the champion (version 2); at most 0.020 is allowed"],
        ),
        ({"macroF1": 0.0}, scores(0.95), scores(0.92), []),
        ({"macroF1": 0.5}, scores(0.5, 0.1, anomaly=0.0), scores(), []),
        (
            {"accuracy": 0.02, "recall": 0.05},
            scores(accuracy=0.7, anomaly=0.86, normal=0.84),
            scores(),
            [
                "accuracy 0.700 is 0.200 below the 0.900 of the champion (version 2); "
                "at most 0.020 is allowed",
                "recall of normal 0.840 is 0.060 below the 0.900 of the champion (version 2); "
                "at most 0.050 is allowed",
            ],
        ),
    ],
)
def test_regression(regression, candidate, champion, reasons):
    verdict = judge(Gate.parse({"regression": regression}), candidate, champion_of(champion))
    assert list(verdict.reasons) == reasons
    assert verdict.as_tags() == {
        "gate": "refused" if reasons else "passed",
        "gate_reasons": "\n".join(reasons),
    }
    told = verdict.as_result()
    assert (told["compared"], told["note"]) == (True, "")
    assert told["champion"] == {"version": "2", "metrics": {"macroF1": champion["macroF1"]}}


def test_the_champions_figures_as_metrics():
    gate = Gate.parse({"regression": {"recall": 0}})
    assert judge(gate, scores(), None).as_metrics() == {}
    assert judge(gate, scores(), champion_of(scores(0.8, 0.7, anomaly=0.6))).as_metrics() == {
        "champion_macro_f1": 0.8, "champion_accuracy": 0.7, "champion_recall_anomaly": 0.6,
        "champion_recall_normal": 0.9,
    }  # fmt: skip


def test_without_a_gate_everything_passes():
    verdict = judge(None, scores(0.0), None, "there is no gate")
    assert (verdict.state, verdict.as_result()["passed"]) == (NONE, True)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"floors": {}},
        {"floors": {"classRecall": {}}, "regression": {}},
        {"bounds": {}, "mode": "warn"},
    ],
)
def test_what_bounds_nothing_is_no_gate(values):
    assert Gate.parse(values) is None


def test_whole_numbers_and_zero_are_bounds():
    assert Gate.parse({"floors": {"accuracy": 1}, "regression": {"recall": 0}}) == Gate(
        {"accuracy": 1.0}, {}, {"recall": Loss(0.0, "higher")}
    )


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"floor": {}}, "floor: unknown; allowed: floors, regression, bounds, mode"),
        ({"floors": 0.7}, 'floors: got 0.7; expected an object such as {"macroF1": 0.7}'),
        ({"floors": None}, "floors: got None; expected an object"),
        ({"floors": {"f1": 0.7}}, "floors.f1: unknown; allowed: macroF1, accuracy, recall, classRecall"),
        ({"floors": {"macroF1": 1.5}}, "floors.macroF1: got 1.5; expected a number from 0 to 1"),
        ({"floors": {"macroF1": -0.1}}, "floors.macroF1: got -0.1"),
        ({"floors": {"macroF1": float("nan")}}, "floors.macroF1: got nan"),
        ({"floors": {"macroF1": True}}, "floors.macroF1: got True"),
        ({"floors": {"macroF1": "0.7"}}, "floors.macroF1: got '0.7'"),
        ({"floors": {"recall": {"anomaly": 0.6}}}, "floors.recall: got {'anomaly': 0.6}"),
        (
            {"floors": {"classRecall": {"salt": 0.6}}},
            "floors.classRecall.salt: unknown; allowed: normal, anomaly, boundary",
        ),
        ({"floors": {"classRecall": 0.6}}, "floors.classRecall: got 0.6; expected an object"),
        ({"regression": 0.1}, 'regression: got 0.1; expected an object such as {"macroF1": 0.7}'),
        ({"regression": {"classRecall": {}}}, 'regression.classRecall: got {}; expected {"by": 0.1, '),
        ({"regression": {"rmse": 0.1}}, 'regression.rmse: got 0.1; expected {"by": 0.1, "better": '),
        ({"regression": {"rmse": {"by": 0.1}}}, "regression.rmse: got {'by': 0.1}; expected"),
        (
            {"regression": {"rmse": {"by": 0.1, "better": "lowest"}}},
            "regression.rmse.better: got 'lowest'; allowed: higher, lower",
        ),
        (
            {"regression": {"rmse": {"by": -1, "better": "lower"}}},
            "regression.rmse.by: got -1; expected a number from 0",
        ),
        ({"regression": {"rmse": {"by": True, "better": "lower"}}}, "regression.rmse.by: got True"),
        ({"bounds": []}, 'bounds: got []; expected an object such as {"rmse": {"max": 3}}'),
        ({"bounds": {"rmse": 3}}, 'bounds.rmse: got 3; expected an object with "min", "max" or both'),
        ({"bounds": {"rmse": {}}}, "bounds.rmse: got {}; expected an object"),
        ({"bounds": {"rmse": {"maximum": 3}}}, "bounds.rmse: got {'maximum': 3}; expected an object"),
        ({"bounds": {"rmse": {"max": "3"}}}, "bounds.rmse.max: got '3'; expected a number"),
        ({"bounds": {"rmse": {"max": float("inf")}}}, "bounds.rmse.max: got inf; expected a number"),
        ({"bounds": {"rmse": {"min": 3, "max": 2}}}, "bounds.rmse.min: got 3; expected at most the max, 2"),
        ({"mode": "stop"}, "mode: got 'stop'; allowed: block, warn"),
        ({"regression": {"recall": 2}}, "regression.recall: got 2"),
    ],
)
def test_a_wrong_threshold_is_named_with_the_remedy(values, says):
    with pytest.raises(ValueError, match=": ") as error:
        Gate.parse(values, CLASSES)
    assert str(error.value).startswith(says)


def test_all_wrong_thresholds_are_told_at_once():
    with pytest.raises(ValueError, match=": ") as error:
        Gate.parse(
            {"floors": {"macroF1": 2, "classRecall": {"salt": 1}}, "regression": {"recall": "x"}, "y": 1},
            CLASSES,
        )
    for path in ("floors.macroF1: ", "floors.classRecall.salt: ", "regression.recall: ", "y: "):
        assert path in str(error.value)


def test_classes_may_be_unknown_before_the_data_is_read():
    assert Gate.parse({"floors": {"classRecall": {"salt": 0.6}}}).class_floors == {"salt": 0.6}
