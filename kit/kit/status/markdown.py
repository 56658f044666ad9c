"""Turns Markdown into the elements of a page, so that no part of it can be read as HTML."""

from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# An element's name and its children. A link also has its address in between. A text is a node too.
type Node = str | list

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
# The allowed elements of a description. Of any other element, only the text remains.
ELEMENTS = frozenset(
    (
        "p",
        "ul",
        "ol",
        "li",
        "em",
        "strong",
        "blockquote",
        "hr",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    )
)
SCHEMES = ("http://", "https://", "mailto:")


@lru_cache(maxsize=64)
def nodes(text: str) -> list[Node]:
    """The text as nodes: "text", ["em", ["text"]], or ["a", ["text"], "https://..."]."""
    return list(_children(SyntaxTreeNode(PARSER.parse(text))))


def _children(node: SyntaxTreeNode) -> Iterator[Node]:
    for child in node.children:
        yield from _nodes(child)


def _nodes(node: SyntaxTreeNode) -> Iterator[Node]:
    if not node.is_nested and node.type not in ("inline", "hr", "hardbreak"):
        content = "\n" if node.type == "softbreak" else node.content
        kind = {"code_inline": "code", "fence": "pre", "code_block": "pre"}.get(node.type)
        if content:
            yield [kind, [content]] if kind else content
        return
    children = list(_children(node))
    address = str(node.attrs.get("href", ""))
    if node.tag == "a" and address.startswith(SCHEMES):
        yield ["a", children, address]
    elif node.type == "heading":
        yield ["h3", children]
    elif node.tag in ELEMENTS and not node.hidden:
        yield [node.tag, children]
    else:
        yield from children
