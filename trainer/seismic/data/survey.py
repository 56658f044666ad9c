"""A seismic survey on disk: its SEG-Y files, geometry and labels. It is read in pieces."""

import hashlib
import os
import threading
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from kit.computing.parallel import ordered_map
from seismic.data.amplitudes import define, trace_flags
from seismic.data.errors import SurveyError, reading
from seismic.data.folder import find_files
from seismic.data.labels import LABELS_NAME, read_labels
from seismic.data.lines import GEOMETRY, geometry_of, require_known_lines
from seismic.data.segy.file import SurveyFile, probe, require_unchanged, stamp_of
from seismic.data.settings import TrainerSettings

__all__ = ["GEOMETRY", "Survey", "SurveyError", "SurveyFile"]

# A gap between two wanted traces that is not longer is read with them, because one read costs less than two.
MAX_GAP = 16
HASH_BUFFER = 1 << 20
# The number of traces that are worked on together: fewer if they are long, which bounds the memory.
MOST_ROWS, MOST_SAMPLES = 1024, 1 << 22
FEWEST_ROWS = 64


def rows_at_once(n_samples: int) -> int:
    """The number of traces of this length that are worked on together: a multiple of 16."""
    return max(FEWEST_ROWS, min(MOST_ROWS, MOST_SAMPLES // n_samples // 16 * 16))


class Survey:
    """One or more SEG-Y files of equal sample count and interval, with a label per trace.

    n_traces, n_samples, interval_us (microseconds) and files (tuple of SurveyFile, by name) describe the
    data. labels is int8 (n_traces,): -1 for unlabelled, otherwise an index into classes, the names from the
    labels or the settings. geometry is a structured array (n_traces,) with file, trace (0-based in its file),
    inline and crossline. geometry_kind is "3D", "2D" or "unstructured". `settings` say how it is read.
    `notes` has what was not believed or not read of its files, and doubts about settings. Use `Survey.open`.
    """

    def __init__(
        self, folder: Path, files: tuple[SurveyFile, ...], settings: TrainerSettings, notes: tuple[str, ...]
    ):
        self.folder = folder
        self.files = files
        self.settings = settings
        self.notes = notes
        self.n_traces = sum(file.n_traces for file in files)
        self.n_samples = files[0].n_samples
        self.interval_us = files[0].interval_us
        self.geometry, self.geometry_kind = geometry_of(files, settings)
        self.labels = np.full(self.n_traces, -1, dtype=np.int8)
        self.classes = settings.class_names
        self._labels_stamp: tuple[int, int] | None = None
        self._starts = np.array([file.first for file in files])
        self._local = threading.local()

    @classmethod
    def open(
        cls, folder: Path | str, settings: TrainerSettings | None = None, *, labelled: bool = True
    ) -> "Survey":
        """Read the headers and labels of the survey in a folder. Samples stay on disk.

        With labelled=False, labels.csv may be missing, so that every label is -1, and the lines may be in
        other header fields than those that are read. Raises SurveyError for everything that is wrong with the
        folder, a SEG-Y file or the labels.
        """
        folder, settings = Path(folder), settings or TrainerSettings()
        found = find_files(folder)
        files: list[SurveyFile] = []
        for path in found.paths:
            file = probe(path, files[-1].first + files[-1].n_traces if files else 0, settings)
            if files:
                _require_same(files[0], file)
            files.append(file)
        notes = (*found.notes, *(note for file in files for note in file.notes))
        survey = cls(folder, tuple(files), settings, notes)
        if labelled:
            require_known_lines(survey.files, survey.geometry_kind, settings)
        if labelled or os.path.lexists(folder / LABELS_NAME):
            survey._read_labels()
        return survey

    def _read_labels(self) -> None:
        path = self.folder / LABELS_NAME
        self._labels_stamp = stamp_of(path) if path.exists() else None
        self.labels, self.classes = read_labels(
            self.folder, self.files, self.geometry, self.geometry_kind, self.settings.class_names
        )
        self.notes += self.settings.doubts(self.classes)

    def require_unchanged(self) -> None:
        """Raise SurveyError if a file has changed since it was opened."""
        for file in self.files:
            file.require_unchanged()
        if self._labels_stamp is not None:
            require_unchanged(self.folder / LABELS_NAME, self._labels_stamp)

    def blocks(self, size: int, unit: str) -> np.ndarray:
        """Group numbers for cross-validation, int64 (n_traces,). Neighbours have the same number.

        A group is a block of `size` successive lines (unit "inline" or "crossline"), or of `size` successive
        traces of one file (unit "trace"). The numbers begin with 0.
        """
        if size < 1:
            raise ValueError(f"a block has at least one line, not {size}")
        if unit in ("inline", "crossline"):
            _, rank = np.unique(self.geometry[unit], return_inverse=True)
            return rank.astype(np.int64) // size
        in_file = self.geometry["trace"] // size
        per_file = np.array([(file.n_traces + size - 1) // size for file in self.files])
        before = np.concatenate([[0], np.cumsum(per_file)[:-1]])
        return in_file + before[self.geometry["file"]]

    def read(self, indices: np.ndarray) -> np.ndarray:
        """The samples of these traces, float32 (len(indices), n_samples), in the given order.

        The settings' undefined value, if there is one, is replaced by 0. Several threads may call this, and
        each has its own file handle. Raises IndexError for a trace that does not exist, and SurveyError if
        the file can no longer be read.
        """
        indices = np.asarray(indices)
        out = np.empty((len(indices), self.n_samples), dtype=np.float32)
        if not len(indices):
            return out
        if indices.min() < 0 or indices.max() >= self.n_traces:
            raise IndexError(f"traces {indices.min()} to {indices.max()} of a survey of {self.n_traces}")
        order = None
        if np.any(np.diff(indices) < 0):
            order = np.argsort(indices, kind="stable")
            indices = indices[order]
        owner = np.searchsorted(self._starts, indices, side="right") - 1
        breaks = np.flatnonzero((np.diff(indices) > MAX_GAP) | (np.diff(owner) != 0)) + 1
        bounds = [0, *breaks.tolist(), len(indices)]
        for start, stop in pairwise(bounds):
            local = indices[start:stop] - self._starts[owner[start]]
            raw = self._raw(int(owner[start]), int(local[0]), int(local[-1]) + 1)
            rows = raw if len(raw) == len(local) else raw[local - local[0]]
            into = slice(start, stop) if order is None else order[start:stop]
            # Doubles beyond float32 become infinite. Such traces are reported, and training leaves them out.
            with np.errstate(over="ignore"):
                out[into] = rows
        define(out, self.settings.undefined_value)
        return out

    def _raw(self, number: int, start: int, stop: int) -> np.ndarray:
        local, file = self._local, self.files[number]
        try:
            if getattr(local, "file", None) != number:
                # Each thread has only one open handle, however many files a survey has.
                local.handle = file.open()
                local.file = number
            return file.samples(local.handle, start, stop)
        except OSError as error:
            raise SurveyError(
                f"{file.path}: traces {start + 1} to {stop} cannot be read any more ({error}); check the "
                "disk and that the file has not changed"
            ) from error

    def selection(self, where: np.ndarray | None) -> np.ndarray:
        """Trace indices from None (all), a bool mask (n_traces,) or an array of indices."""
        if where is None:
            return np.arange(self.n_traces)
        where = np.asarray(where)
        if where.dtype == bool:
            if where.shape != (self.n_traces,):
                raise ValueError(f"the mask has shape {where.shape}, the survey {self.n_traces} traces")
            return np.flatnonzero(where)
        return where

    def chunks(
        self, size: int = 4096, where: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Stream (indices, samples float32 (n, n_samples)) of at most `size` traces.

        `where` is a bool mask or an array of trace indices. Only one chunk is in memory at a time.
        """
        indices = self.selection(where)
        for start in range(0, len(indices), size):
            part = indices[start : start + size]
            yield part, self.read(part)

    @property
    def dead(self) -> np.ndarray:
        """Bool (n_traces,): traces of one constant value (mostly zero)."""
        return self._flags[0]

    @property
    def nonfinite(self) -> np.ndarray:
        """Bool (n_traces,): traces that hold a NaN or an infinity."""
        return self._flags[1]

    @property
    def out_of_range(self) -> np.ndarray:
        """Bool (n_traces,): finite traces with amplitudes that are larger than serving takes."""
        return self._flags[2]

    @property
    def usable(self) -> np.ndarray:
        """Bool (n_traces,): traces that a model can learn from, and that serving accepts."""
        return ~(self.dead | self.nonfinite | self.out_of_range)

    @cached_property
    def _flags(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        size = rows_at_once(self.n_samples)
        parts = ordered_map(
            lambda start: trace_flags(self.read(np.arange(start, min(start + size, self.n_traces)))),
            range(0, self.n_traces, size),
        )
        dead, nonfinite, out_of_range = map(np.concatenate, zip(*parts, strict=True))
        return dead, nonfinite, out_of_range

    def remember_flags(self, dead: np.ndarray, nonfinite: np.ndarray, out_of_range: np.ndarray) -> None:
        """Keep the flags of a pass that read every trace."""
        self.__dict__["_flags"] = (dead, nonfinite, out_of_range)

    @cached_property
    def sha256(self) -> str:
        """Hex digest over the names, sizes and bytes of the SEG-Y files and of labels.csv.

        Raises SurveyError if they have changed since they were opened.
        """
        digest = hashlib.sha256()
        labels = self.folder / LABELS_NAME
        for path in [*(file.path for file in self.files), *([labels] if labels.exists() else [])]:
            # The name and the size come first, so a digest changes if bytes move from one file to the next.
            with reading(path), path.open("rb", buffering=0) as handle:
                digest.update(os.fsencode(path.name) + f"\0{os.stat(path).st_size}\0".encode())
                while block := handle.read(HASH_BUFFER):
                    digest.update(block)
        self.require_unchanged()
        return digest.hexdigest()


def _require_same(one: SurveyFile, other: SurveyFile) -> None:
    for name, ours, theirs in (
        ("samples per trace", one.n_samples, other.n_samples),
        ("microseconds between samples", one.interval_us, other.interval_us),
    ):
        if ours != theirs:
            raise SurveyError(
                f"{one.path} has {ours} {name} and {other.path} has {theirs}; keep files that differ in "
                "folders of their own, or resample them to the same"
            )
