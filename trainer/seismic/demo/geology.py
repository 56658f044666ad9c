"""The synthetic earth of the demo survey, and the traces that are recorded over it.

Layers with folds and faults are seen through a Ricker wavelet. Two things get labels: gas sands (anomaly) and
the damage zones of faults (boundary). The label follows the place, not the look. Gas brightens its sand, and
takes high frequencies from the layers below. A damage zone scatters, weakens and dulls everything that passes
through it. Both fade out towards their edges. Gain, wavelet and noise vary all over the survey. So nobody can
read either of the two from a trace with certainty.

Everything is a function of the inline, so only one inline is in memory at a time.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft

CLASSES = ("normal", "anomaly", "boundary")
NORMAL, ANOMALY, BOUNDARY = range(len(CLASSES))
# Points of the stratigraphic column per sample. Between them it is interpolated linearly.
OVERSAMPLING = 8
# The number of traces (crosslines) per fault, and of inlines per row of gas sands.
FAULT_SPACING, BODY_SPACING = 48, 40


@dataclass(frozen=True)
class Fault:
    """A steep plane roughly along the inlines. Lengths are in traces, times in seconds."""

    crossline: float
    slope: float
    bend: float
    phase: float
    half_width: float
    drift: float
    throw: float
    strength: float


@dataclass(frozen=True)
class Body:
    """A lens of gas sand. Lengths are in traces, times in seconds."""

    inline: float
    crossline: float
    inline_radius: float
    crossline_radius: float
    time: float
    thickness: float
    amplitude: float
    shadow: float


class Geology:
    """An earth of inlines x crosslines, `samples` deep at `interval_us` microseconds. `seed` decides it."""

    def __init__(self, inlines: int, crosslines: int, samples: int, interval_us: int, seed: int):
        self.inlines, self.crosslines, self.samples = inlines, crosslines, samples
        self.seed = seed
        self.step = interval_us * 1e-6
        self.duration = samples * self.step
        self.times = np.arange(samples) * self.step
        self._columns = np.arange(crosslines, dtype=np.float64)
        rng = np.random.default_rng([seed, 1])
        self._tables = self._stratigraphy(rng)
        self._waves = self._folds(rng)
        self._gains = self._folds(rng)
        self._sharpness = self._folds(rng)
        self.faults = self._make_faults(rng)
        self.bodies = self._make_bodies(rng)

    def _stratigraphy(self, rng: np.random.Generator) -> np.ndarray:
        """The layers through a sharp, a dull and a very dull wavelet: (3, points), over 2 x the duration."""
        points = 2 * self.samples * OVERSAMPLING
        step = self.step / OVERSAMPLING
        count = max(4, int(points * step / 0.012))
        reflectivity = np.zeros(points)
        # A Laplace distribution has many weak reflectors and a few strong ones, like well logs.
        np.add.at(reflectivity, rng.integers(0, points, count), rng.laplace(0, 1, count))
        frequencies = scipy.fft.rfftfreq(points, step)
        spectrum = scipy.fft.rfft(reflectivity)
        peaks = (38.0, 27.0, 17.0)
        tables = [scipy.fft.irfft(spectrum * _ricker(frequencies, peak), points) for peak in peaks]
        return np.array([table / table.std() for table in tables])

    def _folds(self, rng: np.random.Generator) -> np.ndarray:
        """Four plane waves (inline and crossline wave number, phase, amplitude), together of unit size."""
        extent = max(self.inlines, self.crosslines, 8)
        lengths = extent * rng.uniform(0.35, 1.3, 4)
        angles = rng.uniform(0, np.pi, 4)
        wave = 2 * np.pi / lengths
        phases = rng.uniform(0, 2 * np.pi, 4)
        return np.array([wave * np.sin(angles), wave * np.cos(angles), phases, np.full(4, 0.7)])

    def _make_faults(self, rng: np.random.Generator) -> list[Fault]:
        count = max(1, round(self.crosslines / FAULT_SPACING))
        spacing = self.crosslines / count
        faults = []
        for number in range(count):
            # Throws alternate, which makes ridges and troughs, and no layer leaves the record.
            throw = rng.uniform(0.012, 0.035) * (1 if number % 2 else -1)
            width = spacing * rng.uniform(0.13, 0.17)
            faults.append(
                Fault(
                    crossline=spacing * (number + rng.uniform(0.3, 0.7)),
                    slope=rng.uniform(-0.12, 0.12) * spacing / max(self.inlines, 40) * 4,
                    bend=spacing * rng.uniform(0.02, 0.1),
                    phase=rng.uniform(0, 2 * np.pi),
                    half_width=width / 2,
                    drift=width * rng.uniform(-0.35, 0.35),
                    throw=throw,
                    strength=rng.uniform(0.8, 1.05),
                )
            )
        return faults

    def _make_bodies(self, rng: np.random.Generator) -> list[Body]:
        rows = max(1, round(self.inlines / BODY_SPACING))
        height = self.inlines / rows
        count = len(self.faults)
        spacing = self.crosslines / count
        cells = [(row, block) for row in range(rows) for block in range(count)]
        kept = rng.permutation(len(cells))[: math.ceil(0.72 * len(cells))]
        bodies = []
        for row, block in (cells[index] for index in sorted(kept)):
            beside = self.faults[block].crossline + spacing * rng.choice([-1, 1]) * rng.uniform(0.3, 0.45)
            bodies.append(
                Body(
                    inline=height * (row + rng.uniform(0.3, 0.7)),
                    # It is beside the fault that traps and cuts it, and inside the survey.
                    crossline=float(np.clip(beside, 0.2 * spacing, self.crosslines - 0.2 * spacing)),
                    inline_radius=height * rng.uniform(0.38, 0.5),
                    crossline_radius=spacing * rng.uniform(0.22, 0.3),
                    time=self.duration * rng.uniform(0.3, 0.6),
                    thickness=rng.uniform(0.016, 0.03),
                    amplitude=rng.uniform(2.3, 3.3),
                    shadow=rng.uniform(0.4, 0.65),
                )
            )
        return bodies

    def _field(self, waves: np.ndarray, inline: int) -> np.ndarray:
        """A smooth field along an inline, (crosslines,)."""
        along, across, phase, amplitude = waves[:, :, None]
        return (amplitude * np.cos(along * inline + across * self._columns + phase)).sum(axis=0)

    def inline(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Samples float32 (crosslines, samples), classes int8 (crosslines,) of an inline, counted from 0."""
        rng = np.random.default_rng([self.seed, 2, number])
        fold = self._field(self._waves, number) * 0.012
        stratigraphic = self.times[None, :] - fold[:, None] * (0.4 + 0.6 * self.times / self.duration)
        stratigraphic += self.duration / 2
        damage = np.zeros((self.crosslines, self.samples))
        self._apply_faults(number, stratigraphic, damage)
        in_zone = damage.mean(axis=1) > 0.25
        # The rock below a damage zone is seen through the zone.
        through = np.cumsum(damage, axis=1) / self.samples
        weakening = np.exp(-0.45 * damage - 0.45 * through)
        dulling = np.clip(0.6 * damage + 0.5 * through, 0, 1)
        dulling += 0.18 * self._field(self._sharpness, number)[:, None]
        gas, in_gas = self._apply_bodies(number, in_zone, fold, weakening, dulling)
        traces = self._record(stratigraphic, dulling)
        traces += gas
        traces *= weakening
        traces += self._noise(rng, 0.4 * (1 + 0.3 * damage))
        gain = np.exp(0.12 * self._field(self._gains, number) + 0.22 * rng.standard_normal(self.crosslines))
        traces *= 1500 * gain[:, None]
        traces[rng.random(self.crosslines) < 0.001] = 0
        labels = np.where(in_gas, ANOMALY, np.where(in_zone, BOUNDARY, NORMAL))
        return traces.astype(np.float32), labels.astype(np.int8)

    def _apply_faults(self, number: int, stratigraphic: np.ndarray, damage: np.ndarray) -> None:
        """Move the layers by each fault's throw, and mark each sample's depth in the damage zone."""
        for fault in self.faults:
            distance = self._columns - self._trace_of(fault, number)
            reach = 2 * fault.half_width + abs(fault.drift)
            stratigraphic[distance >= reach] -= fault.throw
            near = np.abs(distance) < reach
            # The plane dips: with time it drifts sideways, from -drift to drift.
            offset = distance[near, None] - fault.drift * (2 * self.times / self.duration - 1)
            offset /= fault.half_width
            stratigraphic[near] -= fault.throw * np.clip(offset * 2 + 0.5, 0, 1)
            zone = fault.strength * np.clip((1.15 - np.abs(offset)) / 0.3, 0, 1)
            damage[near] = np.maximum(damage[near], zone)

    def _trace_of(self, fault: Fault, number: int) -> float:
        along = number - self.inlines / 2
        bend = fault.bend * np.sin(2 * np.pi * number / max(self.inlines, 40) + fault.phase)
        return fault.crossline + fault.slope * along + bend

    def _apply_bodies(
        self, number: int, in_zone: np.ndarray, fold: np.ndarray, weakening: np.ndarray, dulling: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The reflections of the gas sands (crosslines, samples), and the traces that pass through one."""
        gas = np.zeros_like(weakening)
        in_gas = np.zeros(self.crosslines, dtype=bool)
        for body in self.bodies:
            along = (number - body.inline) / body.inline_radius
            across = (self._columns - body.crossline) / body.crossline_radius
            radius = along**2 + across**2
            inside = (radius < 1) & ~in_zone
            if not inside.any():
                continue
            in_gas |= inside
            # A lens is thick and bright in the middle, and thin at the rim.
            lens = np.sqrt(1 - radius[inside])[:, None]
            after = self.times - (body.time + fold[inside, None])
            amplitude = body.amplitude * np.minimum(1, 0.15 + lens)
            gas[inside] -= amplitude * _wavelet(after, 24.0)
            gas[inside] += 0.8 * amplitude * _wavelet(after - body.thickness * (0.4 + 0.6 * lens), 20.0)
            below = np.clip(after / 0.03, 0, 1) * lens
            dulling[inside] += body.shadow * below
            weakening[inside] *= 1 - 0.3 * below
        return gas, in_gas

    def _record(self, stratigraphic: np.ndarray, dulling: np.ndarray) -> np.ndarray:
        """The layers at these stratigraphic times. A larger `dulling` (0 to 1) makes them duller."""
        position = stratigraphic * (OVERSAMPLING / self.step)
        np.clip(position, 0, self._tables.shape[1] - 2, out=position)
        index = position.astype(np.int64)
        part = position - index
        sharp, dull, very_dull = (
            table[index] * (1 - part) + table[index + 1] * part for table in self._tables
        )
        level = np.clip(0.5 + dulling, 0, 2)
        return np.where(level < 1, sharp + level * (dull - sharp), dull + (level - 1) * (very_dull - dull))

    def _noise(self, rng: np.random.Generator, size: np.ndarray) -> np.ndarray:
        """Random noise in the signal's band, and a weak event across the inline."""
        white = rng.standard_normal((self.crosslines, self.samples), dtype=np.float32)
        frequencies = scipy.fft.rfftfreq(self.samples, self.step)
        band = np.exp(-(((frequencies - 30) / 28) ** 2))
        noise = scipy.fft.irfft(scipy.fft.rfft(white, axis=1) * band.astype(np.float32), self.samples, axis=1)
        noise /= max(float(noise.std()), 1e-9)
        arrival = (self.times[None, :] - 0.003 * self._columns[:, None]) % (0.6 * self.duration + 0.1)
        return noise * size + 0.3 * _wavelet(arrival - 0.1, 12.0)


def _ricker(frequencies: np.ndarray, peak: float) -> np.ndarray:
    ratio = (frequencies / peak) ** 2
    return ratio * np.exp(-ratio)


def _wavelet(times: np.ndarray, peak: float) -> np.ndarray:
    squared = (np.pi * peak * times) ** 2
    return (1 - 2 * squared) * np.exp(-squared)
