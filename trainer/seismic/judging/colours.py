"""The colours of the classes, in the plots of a run and on the status page."""

from kit.plots.style import BLUE, GREY, VERMILLION

COLOURS = {"normal": GREY, "anomaly": VERMILLION, "boundary": BLUE}
