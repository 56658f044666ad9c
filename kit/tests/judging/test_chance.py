"""Noise of a draw neither blocks a candidate nor hides a loss. The shares are counted over many hold-outs."""

from collections import Counter

import numpy as np
import pytest

from kit.judging import classification, differences
from kit.judging.bounds import Gate
from kit.judging.comparison import Difference
from kit.judging.gate import PASSED, REFUSED, Champion, figures_of, judge

CLASSES = ("a", "b", "c")
GATE = Gate.parse({"regression": {"macroF1": 0.01}})
BLOCKS, ROWS = 25, 40


def told(by, low, high, gate=None, figure="macroF1", theirs=0.9, blocks=20):
    """The verdict on a candidate whose figure differs from the champion's by this."""
    gate = Gate.parse(gate or {"regression": {"macroF1": 0.02}})
    difference = {} if low is None else {figure: Difference(by, low, high, blocks)}
    return judge(gate, {figure: theirs + by}, Champion("2", {figure: theirs}, {}), "", (), difference)


@pytest.mark.parametrize(
    ("by", "low", "high", "state", "noted", "unsure"),
    [
        # The interval does not reach 0: the loss is real.
        (-0.05, -0.08, -0.01, REFUSED, False, False),
        (-0.05, -0.10, 0.01, PASSED, True, False),
        (-0.05, -0.10, 0.0, PASSED, True, False),
        (-0.01, -0.05, 0.03, PASSED, False, True),
        (-0.01, -0.015, -0.005, PASSED, False, False),
        (0.01, -0.05, 0.05, PASSED, False, False),
        (-0.05, None, None, REFUSED, False, False),
        (-0.01, None, None, PASSED, False, False),
    ],
)
def test_a_loss_refuses_if_it_is_more_than_chance(by, low, high, state, noted, unsure):
    verdict = told(by, low, high)
    assert (verdict.state, bool(verdict.note), bool(verdict.unsure)) == (state, noted, unsure)
    assert bool(verdict.reasons) == (state == REFUSED)


def test_the_note_has_figure_loss_and_interval():
    assert told(-0.05, -0.1, 0.01).note == (
        "macro F1 0.850 is 0.050 below the 0.900 of the champion (version 2); at most 0.020 is allowed, but "
        "this may be chance: on other hold-outs of this size the loss is between -0.010 and 0.100; a larger "
        "hold-out would tell"
    )
    assert told(-0.01, -0.05, 0.03).unsure == (
        "macro F1 0.890 is 0.010 below the 0.900 of the champion (version 2), which cannot be told from a "
        "loss of more than the allowed 0.020: on other hold-outs of this size the loss is between -0.030 "
        "and 0.050",
    )


def test_where_lower_is_better_a_rise_is_the_loss():
    gate = {"regression": {"rmse": {"by": 0.1, "better": "lower"}}}
    assert told(0.5, 0.2, 0.9, gate, "rmse").state == REFUSED
    assert told(0.5, -0.1, 0.9, gate, "rmse").state == PASSED
    assert told(-0.5, -0.9, -0.2, gate, "rmse").note == ""


def test_floors_and_bounds_do_not_ask_for_chance():
    gate = {"floors": {"macroF1": 0.9}, "bounds": {"macroF1": {"min": 0.95}}, "regression": {"macroF1": 0.02}}
    assert told(-0.05, -0.1, 0.01, gate).reasons == (
        "macro F1 0.850 is below the floor 0.900",
        "macro F1 0.850 is below the bound 0.950",
    )


def test_differences_are_in_the_result():
    assert told(-0.05, -0.1, 0.0123456789).as_result()["differences"] == {
        "macroF1": {"by": -0.05, "low": -0.1, "high": 0.0123457}
    }
    assert "differences" not in told(-0.05, None, None).as_result()


def hold_out(generator, wrong):
    """Labels of blocks, and answers of two models. Errors come in patches of ten rows.

    `wrong` are both models' shares of patches with wrong answers.
    """
    block = np.repeat(np.arange(BLOCKS), ROWS)
    codes = np.repeat(generator.integers(0, 3, BLOCKS * ROWS // 10), 10)
    models = []
    for share in wrong:
        missed = np.repeat(generator.random(codes.size // 10) < share, 10)
        answers = np.where(missed, (codes + generator.integers(1, 3, codes.size)) % 3, codes)
        models.append(np.eye(3)[answers] * 0.7 + 0.1)
    return np.array(CLASSES)[codes], *models, block


def shares(wrong, count=150):
    """How often each rule refuses, and how often a loss within the bound is told, over many hold-outs."""
    generator = np.random.default_rng(5)
    counts = Counter()
    for seed in range(count):
        labels, candidate, champion, block = hold_out(generator, wrong)
        figures, theirs = (
            figures_of(classification.score(labels, each, CLASSES).as_result())
            for each in (candidate, champion)
        )
        found = differences.of_classifiers(labels, candidate, champion, CLASSES, block, seed)
        named = Champion("2", theirs, {})
        plain, careful = judge(GATE, figures, named), judge(GATE, figures, named, differences=found)
        counts["plainly refused"] += plain.state == REFUSED
        counts["refused"] += careful.state == REFUSED
        if plain.state == PASSED and figures["macroF1"] < theirs["macroF1"]:
            counts["small losses"] += 1
            counts["told"] += bool(careful.unsure)
    return {name: number / count for name, number in counts.items()}


def test_the_same_model_with_another_seed_is_rarely_refused():
    """The bound alone refuses a third of the models that are as good as the champion."""
    told = shares((0.15, 0.15))
    assert told["plainly refused"] > 0.3
    # Half of the error of a 90 % interval is on the side of a loss. It is 5 %, and two standard errors of it.
    assert told["refused"] < 0.05 + 2 * (0.05 * 0.95 / 150) ** 0.5


def test_a_worse_model_is_refused_as_before():
    told = shares((0.45, 0.15))
    assert told["plainly refused"] > 0.99
    assert told["refused"] > 0.97


def test_a_loss_that_a_draw_hides_is_told():
    """This candidate is worse by five times the bound. Where a draw shows less, the verdict says so."""
    told = shares((0.20, 0.15))
    assert told["small losses"] > 0.02
    assert told["told"] == told["small losses"]


@pytest.mark.parametrize(("blocks", "state"), [(7, REFUSED), (8, PASSED)])
def test_with_few_blocks_the_loss_alone_counts(blocks, state):
    assert told(-0.05, -0.12, 0.01, blocks=blocks).state == state
