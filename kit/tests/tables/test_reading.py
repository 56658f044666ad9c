"""The tables that the reader of `data.csv` accepts, and its messages for the others."""

import hashlib

import numpy as np
import pytest

from kit.contract.protocol import DataError
from kit.tables.data import LEAST_ROWS, NAME, read
from kit.tables.settings import TableSettings

HEADER = "alcohol,label,ash"
ROWS = [f"{row}.5,{label},-1e-3" for label in ("red", "white") for row in range(LEAST_ROWS)]


@pytest.fixture
def table(tmp_path):
    def of(*lines, end="\n", encoding="utf-8", classes=True, **settings):
        (tmp_path / NAME).write_text(end.join([*lines, ""]), encoding, newline="")
        return read(tmp_path, TableSettings(**settings), classes)

    return of


@pytest.fixture
def refusal(table, tmp_path):
    """The message about a table of these lines, without its path."""

    def of(*lines, **how):
        with pytest.raises(DataError) as raised:
            table(*lines, **how)
        return str(raised.value).removeprefix(f"{tmp_path / NAME}: ")

    return of


def test_rows_are_numbers_in_the_order_of_the_columns_and_labels_texts(table, tmp_path):
    found = table(HEADER, *ROWS)
    assert found.columns == ("alcohol", "ash")
    assert found.values.dtype == np.float32
    assert found.rows(np.array([1])).tolist() == [[1.5, np.float32(-0.001)]]
    assert found.answers.tolist() == ["red"] * LEAST_ROWS + ["white"] * LEAST_ROWS
    assert found.sha256 == hashlib.sha256((tmp_path / NAME).read_bytes()).hexdigest()


def test_other_ends_of_lines_and_empty_lines_change_nothing(table):
    plain = table(HEADER, *ROWS)
    spaced = table(HEADER, "", *ROWS[:3], ",,", *ROWS[3:], "", end="\r\n")
    assert np.array_equal(spaced.values, plain.values)
    assert spaced.answers.tolist() == plain.answers.tolist()
    assert (plain.quality["blankLines"], spaced.quality["blankLines"]) == (0, 2)


def test_labels_that_look_like_nothing_or_like_numbers_stay_what_they_are(table):
    lines = [row.replace("red", "NA").replace("white", "07") for row in ROWS]
    assert set(table(HEADER, *lines).answers) == {"NA", "07"}


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1,5", "thirteen", "1e999", "1e39", "-4e38"])
def test_what_is_no_finite_number_is_refused_by_its_line_and_column(refusal, text):
    # Empty lines count, as in an editor.
    said = refusal(HEADER, ROWS[0], "", f'1,red,"{text}"', *ROWS[1:])
    assert said == f"line 4, column ash: got {text!r}; needs a finite number: correct it"


def test_a_label_that_mlflow_would_not_take_is_refused(refusal):
    said = refusal(HEADER, "1,re/d,2", *ROWS)
    assert said == "line 2, column label: got 're/d'; needs letters, digits, '_', '.', '-' and spaces"
    assert refusal(HEADER, ROWS[0], "1,,2", *ROWS).startswith("line 3, column label: got ''")


@pytest.mark.parametrize(
    ("line", "said"), [(1, "a line has more cells than the header; correct it"), (7, "line 8, saw 4")]
)
def test_a_line_with_more_cells_than_the_header_is_refused(refusal, line, said):
    lines = [HEADER, *ROWS]
    lines[line] += ",3"
    assert said in refusal(*lines)


def test_a_table_needs_labels_numbers_and_enough_rows_of_each_label(refusal):
    assert refusal("alcohol,ash", "1,2").startswith("it has alcohol, ash; needs a column label")
    assert refusal("label", "red").startswith("it has label; needs a column label and numbers")
    few = f"rows by label: 'red' {LEAST_ROWS}, 'white' {LEAST_ROWS - 1}; needs two labels"
    assert refusal(HEADER, *ROWS[:-1]).startswith(few)
    one = f"rows by label: 'red' {LEAST_ROWS}; needs two labels"
    assert refusal(HEADER, *ROWS[:LEAST_ROWS]).startswith(one)
    assert refusal(HEADER).startswith("rows by label: none")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00,label"])
def test_what_is_no_csv_file_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    with pytest.raises(DataError, match=r"not readable .*; put a CSV file with a header there"):
        read(tmp_path, TableSettings(), True)


def test_a_mark_at_the_beginning_is_no_part_of_the_first_name(table):
    assert table(HEADER, *ROWS, encoding="utf-8-sig").columns == ("alcohol", "ash")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("alcohol,label,alcohol", "line 1: several columns are called alcohol; name each once"),
        (",label,ash", "line 1: column 1 has no name; name it, or remove it"),
    ],
)
def test_every_column_has_a_name_of_its_own(refusal, header, said):
    assert refusal(header, *ROWS) == said


def test_values_are_the_target_of_a_regression(table, refusal):
    lines = ["price,ash", *(f"{row}.25,{row % 7}" for row in range(LEAST_ROWS))]
    found = table(*lines, classes=False, target="price")
    assert (found.answers.dtype, found.answers[3]) == (np.float64, 3.25)
    assert found.quality["target"]["max"] == LEAST_ROWS - 0.75
    assert refusal(*lines[:-1], classes=False, target="price") == "it has 19 rows; needs 20"
    said = refusal(lines[0], "dear,1", *lines[1:], classes=False, target="price")
    assert said == "line 2, column price: got 'dear'; needs a finite number: correct it"
    same = [lines[0], *(f"2,{row}" for row in range(LEAST_ROWS))]
    assert refusal(*same, classes=False, target="price").startswith("column price: got 2 in every row")


def test_groups_are_no_numbers_to_learn_from_and_every_row_has_one(table, refusal):
    lines = [f"{row},no. {number // 4}" for number, row in enumerate(ROWS)]
    found = table(f"{HEADER},customer", *lines, group="customer")
    assert found.columns == ("alcohol", "ash")
    assert found.groups[:5].tolist() == [0, 0, 0, 0, 1]
    assert found.facts == {"rows": 2 * LEAST_ROWS, "columns": 2, "groups": LEAST_ROWS // 2}
    said = refusal(f"{HEADER},customer", lines[0], "1,red,2,", *lines[1:], group="customer")
    assert said.startswith("line 3, column customer: got ''; needs the name of a group")
    assert refusal(HEADER, *ROWS, group="customer").startswith(
        "it has alcohol, label, ash; needs a column customer"
    )


def test_a_message_about_many_columns_stays_short(refusal):
    said = refusal(",".join(f"column{number}" for number in range(5000)))
    assert len(said) < 400
    assert "(5000 in all)" in said
