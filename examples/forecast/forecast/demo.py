"""`python -m forecast.demo --out DIR --traces 20000 --seed 7`: the demand of a made-up town, hour by hour."""

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from forecast.data import DEMAND, NAME, TEMPERATURE, TIME
from kit.contract.demo import main

FIRST = "2024-01-01T00:00Z"
# The share of the mean demand at each hour of a working day: a night, a morning peak, an evening peak.
DAY = (
    0.72, 0.68, 0.66, 0.66, 0.69, 0.78, 0.94, 1.10, 1.16, 1.14, 1.12, 1.12,
    1.11, 1.09, 1.08, 1.09, 1.13, 1.22, 1.28, 1.24, 1.15, 1.05, 0.93, 0.82,
)  # fmt: skip
MEAN, COMFORTABLE = 1000.0, 16.0


def demand(hours: int, seed: int) -> pd.DataFrame:
    """Days, weekends, seasons, weather that lasts for days, and noise. The temperature is a forecast."""
    rng = np.random.default_rng(seed)
    times = pd.date_range(FIRST, periods=hours, freq="h")
    hour = times.hour.to_numpy()
    year, day = (2 * np.pi * part for part in (times.day_of_year.to_numpy() / 365.25, hour / 24))
    weather = lfilter([1], [1, -0.99], rng.normal(0, 0.4, hours))
    celsius = 10 - 9 * np.cos(year - 0.35) - 3.5 * np.cos(day - 0.8) + weather
    shape = np.array(DAY)[hour] - 0.14 * (times.day_of_week >= 5) * (1 + 0.5 * ((hour > 5) & (hour < 11)))
    heating, cooling = np.maximum(COMFORTABLE - celsius, 0), np.maximum(celsius - 22, 0)
    habits = lfilter([1], [1, -0.97], rng.normal(0, 0.006, hours))
    level = MEAN * (shape + 0.016 * heating + 0.02 * cooling + habits + rng.normal(0, 0.012, hours))
    known = celsius + rng.normal(0, 0.8, hours)
    text = times.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pd.DataFrame({TIME: text, DEMAND: level.round(1), TEMPERATURE: known.round(1)})


if __name__ == "__main__":
    main("forecast", NAME, demand, 20_000)
