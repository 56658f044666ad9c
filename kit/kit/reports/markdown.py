"""Markdown with text from users and data, which must not become markup."""

from collections.abc import Sequence


def plain(text: str) -> str:
    """Text that Markdown shows unchanged, in one line: no tags, links, pictures, headings or table cells."""
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    for mark in ("\\", "[", "]", "|", "`", "*", "_", "#"):
        text = text.replace(mark, f"\\{mark}")
    return text


def shortened(text: str, most: int) -> str:
    """Cut to a number of characters, with a mark at the cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def section(title: str, *parts: str) -> str:
    """A section with the parts that are not empty. Empty without any part."""
    given = [part for part in parts if part]
    return "\n\n".join([f"### {title}", *given]) if given else ""


def bullets(lines: Sequence[str]) -> str:
    """A list of lines."""
    return "\n".join(f"- {line}" for line in lines)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, whose columns after the first one are numbers. The cells are Markdown."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
