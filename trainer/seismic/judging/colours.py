"""The colours of the classes, in the plots of a run and on the status page."""

from kit.plots.style import BLUE, GREY, VERMILLION
from seismic.data.settings import TrainerSettings

# Of usual names, among them the demo's. The other classes get theirs from the kit.
USUAL = {"normal": GREY, "anomaly": VERMILLION, "boundary": BLUE}


def chosen(settings: TrainerSettings) -> dict[str, str]:
    """The colours of classes that the settings give, and the usual ones that none of those takes."""
    given = settings.given_colours
    taken = {colour.upper() for colour in given.values()}
    return {name: colour for name, colour in USUAL.items() if colour not in taken} | given
