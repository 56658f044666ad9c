"""Decides whether a survey is good enough to learn from, by comparing shares with the settings' bounds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from seismic.data.settings import KEY, TrainerSettings

PASS, WARN, FAIL = "pass", "warn", "fail"


@dataclass(frozen=True)
class Shares:
    """Shares from 0 to 1, with the names of the settings' CHECKS.

    Shares of all traces: dead traces, traces with NaN or infinity, traces out of range, traces with a long
    run of one amplitude. Share of the usable traces: those that repeat the samples of another trace. Share of
    their samples: those at the smallest or largest value of the survey, without one of each.
    """

    dead_traces: float
    nonfinite_traces: float
    out_of_range_traces: float
    undefined_traces: float
    duplicate_traces: float
    clipped_samples: float


WORDS = {
    "dead_traces": "traces have one constant value",
    "nonfinite_traces": "traces hold NaN or infinity, and are left out",
    "out_of_range_traces": "traces hold amplitudes beyond 1e15, and are left out",
    "undefined_traces": "traces hold 16 or more equal samples in a row",
    "duplicate_traces": "traces repeat another trace's samples",
    "clipped_samples": "samples are at the smallest or largest amplitude",
}


def judge(
    shares: Shares, settings: TrainerSettings, runs: Counter[float]
) -> tuple[str, list[dict[str, Any]]]:
    """The verdict "pass", "warn" or "fail", and each share with its bounds and its own verdict.

    `runs` are the amplitudes of long runs, with the number of traces that have one.
    """
    checks = []
    for check, share in asdict(shares).items():
        warn, fail = settings.bounds(check)
        verdict = FAIL if share > fail else WARN if share > warn else PASS
        found = {
            "check": to_camel(check),
            "share": float(share),
            "warn": warn,
            "fail": fail,
            "verdict": verdict,
        }
        if check == "undefined_traces" and runs:
            # Among equals take the smaller one, so that the report does not depend on the order of traces.
            found["value"] = min(runs, key=lambda value: (-runs[value], value))
        checks.append(found)
    verdicts = {check["verdict"] for check in checks}
    return next(verdict for verdict in (FAIL, WARN, PASS) if verdict in verdicts), checks


def reasons(report: dict[str, Any], verdict: str) -> Iterator[str]:
    """A sentence for each check of a quality report with this verdict, with the bound's setting."""
    for check in report["checks"]:
        if check["verdict"] == verdict:
            words = next(WORDS[name] for name in WORDS if to_camel(name) == check["check"])
            bound = f"{KEY}.{check['check']}{verdict.capitalize()} ({check[verdict]:g})"
            value = ""
            if "value" in check:
                value = f", mostly {check['value']:g}: if it stands for no data, give {KEY}.undefinedValue"
            yield f"{check['share']:.2%} of {words}{value}; the bound is {bound}"
