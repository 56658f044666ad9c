"""The model card of either kind, with names and texts that look like markup."""

import dataclasses

from kit.judging.comparison import Difference
from kit.judging.gate import PASSED, REFUSED, Champion, Verdict
from kit.reports.card import LONGEST, Card, describe

COMPARED = Verdict(
    PASSED, (), Champion("2", {"macroF1": 0.9}, {}), "", ("macro F1 cannot be told",),
    {"macroF1": Difference(-0.01, -0.03, 0.02, 20)},
)  # fmt: skip
CARD = Card(
    "Churn", "Who will leave next month.", "ab12", {"rows": 12_000}, "blocks of 10 customers, by seed 7",
    9_600, 2_400, {"macroF1": 0.89, "recall.yes": 0.7}, COMPARED, support={"yes": 20, "no": 2_380},
    left_out=("3 rows without a label",), parameters={"C": 0.1}, origin={"commit": "f00", "release": ""},
)  # fmt: skip


def test_a_card_has_the_facts():
    text = describe(CARD)
    for line in (
        "### Churn\n\nWho will leave next month.",
        "The gate **passed** this version.\n\n- macro F1 cannot be told",
        "| figure | value | version 2 | difference | 90 % interval |",
        "| macro F1 | 0.890 | 0.900 | -0.010 | -0.030 to +0.020 |",
        "| recall of yes | 0.700 | - | - | - |",
        "- the figures of yes are rough: 20 held-out rows\n- 3 rows without a label",
        "blocks of 10 customers, by seed 7. Trained on 9,600 rows, judged on 2,400 rows",
        "- SHA-256 ab12\n- rows 12,000",
        "### Parameters\n\nC 0.1",
        "### Origin\n\n- commit: f00",
    ):
        assert line in text
    assert "release" not in text
    assert "drift" not in text
    assert describe(CARD) == text


def test_a_regressor_without_a_champion():
    verdict = Verdict(REFUSED, ("rmse 9.000 is above the bound 3.000",), None, "there is no champion yet")
    text = describe(
        dataclasses.replace(
            CARD, figures={"rmse": 9.0, "bias": -0.5}, verdict=verdict, support={}, left_out=(),
            has_reference=False,
        )
    )  # fmt: skip
    assert (
        "The gate **refused** this version:\n\n- rmse 9.000 is above the bound 3.000\n- there is no" in text
    )
    assert "| rmse | 9.000 |" in text
    assert "serving cannot tell drift" in text


def test_text_of_users_makes_no_markup():
    odd = "<b>[x](http://y)|`*_\n# no"
    text = describe(
        dataclasses.replace(CARD, name=odd, description=odd, figures={f"recall.{odd}": 0.5}, support={odd: 1})
    )
    assert "<b>" not in text
    assert "\n# no" not in text
    assert "[x](" not in text.replace("\\[", "")
    (row,) = [line for line in text.splitlines() if line.startswith("| recall")]
    assert row.replace("\\|", "").count("|") == 6


def test_a_card_is_bounded():
    many = {f"recall.{'c' * 30}{number}": 0.5 for number in range(500)}
    text = describe(
        dataclasses.replace(
            CARD, description="x" * 9000, figures=many, left_out=["row"] * 99, notes=["n"] * 99
        )
    )
    assert len(text) <= LONGEST
    assert "and 460 more figures" in text
    assert "### Limits" in text
