"""The model card: the description of a registered version, as Markdown. The same facts give the same text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kit.judging.gate import NONE, REFUSED, WARNED, Figures, Verdict
from kit.judging.names import shown, title
from kit.reports.markdown import bullets, plain, section, shortened, table

# MLflow cuts longer descriptions of a version, at any place.
LONGEST = 5000
# Longer texts of users are cut, so that the figures keep their place.
LONGEST_TEXT, MOST_ROWS, MOST_NOTES = 600, 40, 10
# With fewer held-out rows, the figures of a class are rough: one row changes its recall by 2 %.
FEW_ROWS = 50


@dataclass(frozen=True)
class Card:
    """The facts about a version. All texts may come from users, and are escaped.

    Parameters
    ----------
    name, description : the trainer's words: what the model is for.
    data_sha256, counts, notes : the data: its hash, its numbers by name, and notes on its quality.
    split, trained, held_out : how rows were held out, and how many rows there are on each side.
    figures : by the names that the gate knows.
    verdict : the gate's, with the champion's figures and the intervals.
    support : the held-out rows of each class; empty for a regressor.
    left_out : reasons and numbers of rows that were not used, a sentence each.
    has_reference : whether serving can tell drift from the training data.
    parameters : of the model.
    origin : commit, image, release and so on, by name. Empty ones are left out.
    """

    name: str
    description: str
    data_sha256: str
    counts: Mapping[str, int]
    split: str
    trained: int
    held_out: int
    figures: Figures
    verdict: Verdict
    notes: Sequence[str] = ()
    support: Mapping[str, int] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    has_reference: bool = True
    parameters: Mapping[str, object] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)


def describe(card: Card) -> str:
    """Markdown of at most LONGEST characters."""
    parts = [
        section(_short(card.name), _short(card.description)),
        section("Figures", _verdict(card.verdict), _figures(card)),
        section("Limits", bullets(_limits(card))),
        section("Judged by", _judged(card)),
        section("Data", bullets(_data(card))),
        section("Parameters", ", ".join(f"{_short(k)} {_short(str(v))}" for k, v in card.parameters.items())),
        section("Origin", bullets([f"{_short(k)}: {_short(v)}" for k, v in card.origin.items() if v])),
    ]
    return shortened("\n\n".join(part for part in parts if part), LONGEST)


def _verdict(verdict: Verdict) -> str:
    word = {
        NONE: "There is no gate.",
        REFUSED: "The gate **refused** this version:",
        WARNED: "The gate **warned** of this version, and let it pass:",
    }.get(verdict.state, "The gate **passed** this version.")
    lines = [*verdict.reasons, *filter(None, [verdict.note]), *verdict.unsure]
    return "\n".join([word, "", bullets(_some([_short(line) for line in lines]))]).rstrip()


def _figures(card: Card) -> str:
    champion, differences = card.verdict.champion, card.verdict.differences
    names = list(card.figures)[:MOST_ROWS]
    more = len(card.figures) - len(names)
    rest = f"\n\nand {more} more figures, with the run" if more else ""
    if champion is None:
        return (
            table(("figure", "value"), [(plain(title(name)), shown(card.figures[name])) for name in names])
            + rest
        )
    rows = []
    for name in names:
        theirs, interval = champion.figures.get(name), differences.get(name)
        rows.append((
            plain(title(name)),
            shown(card.figures[name]),
            "-" if theirs is None else shown(theirs),
            "-" if theirs is None else _signed(card.figures[name] - theirs),
            "-" if interval is None else f"{_signed(interval.low)} to {_signed(interval.high)}",
        ))  # fmt: skip
    head = ("figure", "value", f"version {plain(champion.version)}", "difference", "90 % interval")
    return table(head, rows) + rest


def _limits(card: Card) -> list[str]:
    few = {name: rows for name, rows in card.support.items() if rows < FEW_ROWS}
    lines = [
        f"the figures of {plain(name)} are rough: {rows} held-out row{'' if rows == 1 else 's'}"
        for name, rows in few.items()
    ]
    lines += [_short(line) for line in card.left_out]
    if not card.has_reference:
        lines.append("serving cannot tell drift: there is no reference of the training data")
    return _some(lines) or ["none is known beyond the figures"]


def _judged(card: Card) -> str:
    return (
        f"{_short(card.split)}. Trained on {card.trained:,} rows, judged on {card.held_out:,} rows that had "
        "no part in the training."
    )


def _data(card: Card) -> list[str]:
    counts = ", ".join(f"{plain(name)} {count:,}" for name, count in list(card.counts.items())[:MOST_ROWS])
    lines = [f"SHA-256 {plain(card.data_sha256)}", counts, *(_short(note) for note in card.notes)]
    return _some([line for line in lines if line])


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - MOST_NOTES
    return lines if more <= 0 else [*lines[:MOST_NOTES], f"and {more} more"]


def _short(text: str) -> str:
    # Cut before escaping, because a cut escape would show.
    return plain(shortened(text, LONGEST_TEXT))


def _signed(value: float) -> str:
    return f"-{shown(-value)}" if value < 0 else f"+{shown(value)}"
