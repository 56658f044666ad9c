"""The facts of a run's description, as Markdown with figures. The same facts give the same text.

The functions are pure. The facts may come from any source.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kit.judging.gate import NONE, REFUSED, WARNED
from kit.judging.names import title
from kit.reports.markdown import plain, section, shortened, table

# MLflow cuts longer values of a run's tag, at any place.
LONGEST = 8000
LONGEST_ERROR = 2000
# Figures of the same model that a comparison does not show.
CLAIMED = "randomSplit"


@dataclass(frozen=True)
class Run:
    """A run as MLflow has it: its parameters as text, and the hash of its data, empty if unknown."""

    parameters: Mapping[str, str]
    data_sha256: str


@dataclass(frozen=True)
class Champion:
    """The version with the alias `champion`. `run` is None if MLflow lacks its run."""

    version: str
    run: Run | None


@dataclass(frozen=True)
class Facts:
    """All parts of the description of a published run.

    `result` is the trainer's result line. `data` has the facts of the data that the run recorded among its
    parameters, and `described` lines of Markdown about it. `quality` is the verdict on it, and `doubts` are
    sentences. `gate` is the state of the gate's verdict. `trigger` is the reason for the run, empty if it is
    unknown.
    """

    result: Mapping[str, Any]
    data: Collection[str]
    described: Sequence[str]
    quality: str
    doubts: Sequence[str]
    gate: str
    run: Run
    champion: Champion | None
    seconds: float
    trigger: str = ""


def describe(facts: Facts) -> str:
    """Markdown: the run's result, the figures of the champion and of the run, parameters, data, and time."""
    parts = [_outcome(facts), _figures(facts), _parameters(facts), _data(facts), _time(facts)]
    return "\n\n".join(part for part in parts if part)


def describe_failure(what: str, error: str) -> str:
    """Markdown for a run that ended without a version. `error` is the log's message."""
    message = shortened(error.strip(), LONGEST_ERROR).replace("```", "'''")
    return f"**{what}** Nothing was registered.\n\n```\n{message}\n```"


def _outcome(facts: Facts) -> str:
    result, gate = facts.result, facts.result["gate"]
    if result.get("takenUp"):
        came = (
            f"This run takes up **version {result['version']}**, which retraining has trained and judged "
            "with the same image, data and settings: nothing was trained again."
        )
    elif result["reproduced"]:
        came = f"This run reproduces **version {result['version']}**: nothing new is registered."
    else:
        came = f"This run registered **version {result['version']}**."
    verdict = {
        NONE: "There is no gate.",
        REFUSED: "The gate **refused** it:",
        WARNED: "The gate **warned** of it, and let it pass:",
    }.get(facts.gate, "The gate **passed** it.")
    alias = f"It has the alias `{result['alias']}`."
    lines = [f"{came} {alias} {verdict}", *(f"- {plain(reason)}" for reason in gate["reasons"])]
    if facts.trigger:
        lines.insert(0, f"Started by: {plain(facts.trigger)}.\n")
    return "\n".join(lines)


def _figures(facts: Facts) -> str:
    own = _flat(facts.result["metrics"])
    gate = facts.result["gate"]
    if gate["champion"] is None:
        rows = [(name, f"{value:.3f}") for name, value in own.items()]
        return section(
            "Figures on the hold-out",
            f"Not compared with a champion: {plain(gate['note'])}.",
            table(("figure", "this run"), rows),
        )
    theirs = _flat(gate["champion"]["metrics"])
    rows = [
        (name, f"{theirs[name]:.3f}", f"{value:.3f}", _signed(value - theirs[name]))
        if name in theirs
        else (name, "-", f"{value:.3f}", "-")
        for name, value in own.items()
    ]
    return section(
        f"Against the champion (version {gate['champion']['version']}), on the same hold-out",
        f"Note: {plain(gate['note'])}." if gate["note"] else "",
        table(("figure", "champion", "this run", "difference"), rows),
    )


def _parameters(facts: Facts) -> str:
    own = {name: value for name, value in facts.run.parameters.items() if name not in facts.data}
    chosen = ", ".join(f"{name} `{value}`" for name, value in sorted(own.items()))
    return section("Parameters", chosen, _against_champion(facts, own))


def _against_champion(facts: Facts, own: Mapping[str, str]) -> str:
    champion = _other_champion(facts)
    if champion is None:
        return ""
    if champion.run is None:
        return f"The run of the champion (version {champion.version}) is gone."
    theirs = champion.run.parameters
    names = sorted((own.keys() | theirs.keys()) - set(facts.data))
    rows = [
        (name, f"`{theirs[name]}`" if name in theirs else "-", f"`{own[name]}`" if name in own else "-")
        for name in names
        if own.get(name) != theirs.get(name)
    ]
    if not rows:
        return f"The same as those of version {champion.version}."
    return table(("different from", f"version {champion.version}", "this run"), rows)


def _data(facts: Facts) -> str:
    lines = [*facts.described, *_data_against_champion(facts), f"- quality: {facts.quality}"]
    return section("Data", "\n".join([*lines, *(f"- {plain(doubt)}" for doubt in facts.doubts)]))


def _data_against_champion(facts: Facts) -> list[str]:
    champion = _other_champion(facts)
    if champion is None or champion.run is None or not champion.run.data_sha256:
        return []
    if champion.run.data_sha256 == facts.run.data_sha256:
        return [f"- the same data as version {champion.version}"]
    changes = [
        f"{name} {champion.run.parameters[name]} before, {facts.run.parameters[name]} now"
        for name in facts.data
        if name in champion.run.parameters and name in facts.run.parameters
        if champion.run.parameters[name] != facts.run.parameters[name]
    ]
    return [f"- other data than version {champion.version}" + "".join(f"; {change}" for change in changes)]


def _time(facts: Facts) -> str:
    tuning = facts.result["tuning"]
    short = ", ended early by TIME_BUDGET" if tuning["cutShort"] else ""
    return section(
        "Time", f"{facts.seconds:.0f} s, with {tuning['trials']} of {tuning['requested']} trials{short}."
    )


def _other_champion(facts: Facts) -> Champion | None:
    """The champion, unless it is the version that this run made or reproduced."""
    champion = facts.champion
    return None if champion is None or champion.version == facts.result["version"] else champion


def _flat(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Figures by the names that people read. Those of single classes are last."""
    return {
        **{
            title(name): value
            for name, value in metrics.items()
            if name != "perClass" and not name.startswith(CLAIMED)
        },
        **{
            f"{title} of {label}": each[name]
            for label, each in metrics.get("perClass", {}).items()
            for name, title in (("recall", "recall"), ("f1", "F1"))
            if name in each
        },
    }


def _signed(value: float) -> str:
    # A value that rounds to zero gets no sign.
    rounded = round(value, 3)
    return f"{rounded:+.3f}" if rounded else "0.000"
