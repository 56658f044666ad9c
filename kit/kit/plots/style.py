"""The common look of the plots, and the colours of classes."""

import colorsys
from collections.abc import Iterator, Mapping, Sequence

# Okabe and Ito's colours. Colour-blind people can tell them apart; jfly.uni-koeln.de/color
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#999999"
# Darker ones: indigo, wine and green of Paul Tol's "muted", and the brown of ColorBrewer's Dark2.
INDIGO, WINE, FOREST, BROWN = "#332288", "#882255", "#117733", "#A6761D"
PALETTE = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, GREY, YELLOW, INDIGO, WINE, FOREST, BROWN)
# Hues at this distance around the circle stay apart, for any number of them.
GOLDEN_RATIO = 0.618033988749895
DOTS_PER_INCH = 120

STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": DOTS_PER_INCH,
}


def colours(names: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """A colour for each class, by its name.

    Parameters
    ----------
    names : all classes of the data, in a fixed order. The same names get the same colours.
    given : colours that somebody chose, as matplotlib takes them. The other classes get other colours.
    """
    chosen = {name: shade for name, shade in (given or {}).items() if name in names}
    spare = _spare({shade.upper() for shade in chosen.values()})
    return {name: chosen.get(name) or next(spare) for name in names}


def legend_columns(names: Sequence[str], characters: int) -> int:
    """The columns of a legend of these names, in a line of so many characters. Each name has its mark."""
    return max(1, min(len(names), characters // (max(map(len, names)) + 8)))


def _spare(taken: set[str]) -> Iterator[str]:
    yield from (shade for shade in PALETTE if shade not in taken)
    hue = 0.0
    while True:
        hue = (hue + GOLDEN_RATIO) % 1
        red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue, 0.6, 0.75))
        shade = f"#{red:02X}{green:02X}{blue:02X}"
        if shade not in taken:
            yield shade
