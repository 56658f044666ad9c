"""The area that other software and other times write in their own ways, and how it must be read."""

import json

import numpy as np

from seismic.data.settings import TrainerSettings
from seismic.data.survey import Survey

INLINES = np.repeat(np.arange(100, 112), 20)
CROSSLINES = np.tile(np.arange(500, 520), 12)
NAMES = np.array(["normal", "anomaly", "boundary"])[(INLINES // 2 + CROSSLINES // 3) % 3]


def settings(**given):
    return TrainerSettings.parse(json.dumps(given))


def is_read(folder, traces, **given):
    opened = Survey.open(folder, settings(**given))
    assert (opened.geometry_kind, opened.interval_us) == ("3D", 4000)
    np.testing.assert_allclose(opened.read(np.arange(240)), traces, rtol=2**-20)
    np.testing.assert_array_equal(opened.geometry["inline"], INLINES)
    assert (opened.labels >= 0).all()
    return opened
