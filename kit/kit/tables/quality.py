"""The quality report of a table, and what it says in words."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

PASS, WARN, FAIL = "pass", "warn", "fail"
# More equal rows than these make figures look better than they are: copies of held-out rows are learnt.
MOST_DUPLICATES = 0.01


def quality_report(
    columns: tuple[str, ...], rows: np.ndarray, targets: np.ndarray, blank_lines: int
) -> dict[str, Any]:
    """The content of quality.json.

    Parameters
    ----------
    rows : (n, n_columns) float64, finite.
    targets : (n,) of str or float64.
    blank_lines : the number of lines of the file that were left out.
    """
    constant = (rows == rows[0]).all(axis=0)
    report = {
        "rows": len(rows),
        "columns": list(columns),
        "blankLines": blank_lines,
        "constantColumns": [name for name, is_so in zip(columns, constant, strict=True) if is_so],
        "mergedColumns": _merged(columns, rows),
        "duplicateRows": len(rows) - len(np.unique(np.column_stack([rows, _codes(targets)]), axis=0)),
        "target": described_target(targets),
    }
    failed = constant.all()
    report["verdict"] = FAIL if failed else WARN if list(doubts(report)) else PASS
    return report


def doubts(report: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about what is no error in the table, but may be unintended."""
    if constant := report["constantColumns"]:
        yield f"the same number in every row: {', '.join(constant)}"
    if merged := report["mergedColumns"]:
        yield f"numbers that differ only beyond float32's seven digits: {', '.join(merged)}"
    copies = report["duplicateRows"]
    if copies > MOST_DUPLICATES * report["rows"]:
        yield f"{copies:,} of {report['rows']:,} rows repeat another row with its target"


def described_target(targets: np.ndarray) -> dict[str, Any]:
    """The number of rows of each class, or the range of values."""
    if targets.dtype.kind == "U":
        names, counts = np.unique(targets, return_counts=True)
        return {"counts": dict(zip(names.tolist(), counts.tolist(), strict=True))}
    return {
        "mean": float(targets.mean()), "std": float(targets.std()), "min": float(targets.min()),
        "max": float(targets.max()),
    }  # fmt: skip


def lines(report: Mapping[str, Any]) -> list[str]:
    """The lines of a run's description about its table, in Markdown."""
    target = report["target"]
    if "counts" in target:
        total = report["rows"]
        said = ", ".join(
            f"{name} {count:,} ({count / total:.1%})" for name, count in target["counts"].items()
        )
    else:
        said = (
            f"mean {target['mean']:.4g}, standard deviation {target['std']:.4g}, "
            f"from {target['min']:.4g} to {target['max']:.4g}"
        )
    return [
        f"- {report['rows']:,} rows of {len(report['columns'])} columns; "
        f"repeated rows: {report['duplicateRows']:,}",
        f"- target: {said}",
    ]


def _merged(columns: tuple[str, ...], rows: np.ndarray) -> list[str]:
    """The columns with numbers that differ, but not as float32."""
    return [
        name
        for name, column in zip(columns, rows.T, strict=True)
        if np.unique(column).size > np.unique(column.astype(np.float32)).size
    ]


def _codes(targets: np.ndarray) -> np.ndarray:
    return np.unique(targets, return_inverse=True)[1]
