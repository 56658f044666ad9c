"""The names of classes. The labels have them; the setting `classes` gives them an order and allows no other.

This module must stay light, because settings import it.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable

# MLflow takes these characters in the name of a figure. A comma or an equals sign would break the settings.
NAME = re.compile(r"[\w.\- ]{1,100}")
NAME_EXPECTED = "1 to 100 letters, digits, '_', '.', '-' and spaces"
# A column with more different labels holds numbers, not classes.
MOST_CLASSES = 100
# Names that are more alike than this look like one name with a typing error.
ALIKE = 0.8


def spelling(name: str) -> str:
    """The same text for names that differ only in case, in spaces or in the width of their letters."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_but_for_spelling(names: Iterable[str]) -> tuple[str, str] | None:
    """The first two names that differ only in case or spaces; None if there are none."""
    seen: dict[str, str] = {}
    for name in names:
        before = seen.setdefault(spelling(name), name)
        if before != name:
            return before, name
    return None


def meant(name: str, classes: Collection[str]) -> str:
    """A question after the class that a misspelt name may mean, with a space before it; else empty."""
    by_spelling = {spelling(other): other for other in classes if other != name}
    near = difflib.get_close_matches(spelling(name), by_spelling, 1, ALIKE)
    return f" (is it {by_spelling[near[0]]!r}?)" if near else ""
