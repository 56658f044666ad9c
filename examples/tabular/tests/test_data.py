"""The tables that the reader of `data.csv` accepts, and its messages for the others."""

import hashlib

import pytest

from tabular.contract import DATA, Failure
from tabular.data import LEAST_ROWS, NAME, read

HEADER = "alcohol,label,ash"
ROWS = [f"{row}.5,{label},-1e-3" for label in ("red", "white") for row in range(LEAST_ROWS)]


@pytest.fixture
def table(tmp_path):
    """Read a table of these lines."""

    def of(*lines, end="\n"):
        (tmp_path / NAME).write_text(end.join([*lines, ""]), newline="")
        return read(tmp_path)

    return of


@pytest.fixture
def refusal(table, tmp_path):
    """The message about a table of these lines, without its path."""

    def of(*lines):
        with pytest.raises(Failure) as raised:
            table(*lines)
        assert raised.value.code == DATA
        return str(raised.value).removeprefix(f"{tmp_path / NAME}: ")

    return of


def test_rows_are_numbers_in_the_order_of_the_columns_and_labels_texts(table, tmp_path):
    found = table(HEADER, *ROWS)
    assert found.rows.columns.tolist() == ["alcohol", "ash"]
    assert found.rows.iloc[1].tolist() == [1.5, -0.001]
    assert found.labels.tolist() == ["red"] * LEAST_ROWS + ["white"] * LEAST_ROWS
    assert found.sha256 == hashlib.sha256((tmp_path / NAME).read_bytes()).hexdigest()


def test_other_ends_of_lines_and_empty_lines_change_nothing(table):
    plain = table(HEADER, *ROWS)
    spaced = table(HEADER, "", *ROWS[:3], ",,", *ROWS[3:], "", end="\r\n")
    assert spaced.rows.equals(plain.rows)
    assert spaced.labels.tolist() == plain.labels.tolist()


def test_labels_that_look_like_nothing_or_like_numbers_stay_what_they_are(table):
    lines = [row.replace("red", "NA").replace("white", "07") for row in ROWS]
    assert set(table(HEADER, *lines).labels) == {"NA", "07"}


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1,5", "thirteen", "1e999"])
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
    with pytest.raises(Failure, match=r"not readable .*; put a CSV file with a header there") as raised:
        read(tmp_path)
    assert raised.value.code == DATA
