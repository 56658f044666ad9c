"""A seismic survey on disk: its SEG-Y files, geometry and labels, read a piece at a time."""

import hashlib
import os
import threading
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from seismic.labels import LABELS_NAME, read_labels
from seismic.parallel import ordered_map
from seismic.segy import SurveyError, SurveyFile, find_files, pair_keys, probe

__all__ = ["GEOMETRY", "Survey", "SurveyError", "SurveyFile", "trace_flags"]

GEOMETRY = np.dtype([("file", np.int32), ("trace", np.int32), ("inline", np.int32), ("crossline", np.int32)])
INLINE_BYTE, CROSSLINE_BYTE, CDP_BYTE = 189, 193, 21
# Traces that are wanted are read in one go with those between them when the gap is no longer than this:
# a read that skips nothing costs less than two reads.
MAX_GAP = 16
HASH_BUFFER = 1 << 20


class Survey:
    """One or more SEG-Y files of equal sample count and interval, with a label per trace.

    n_traces, n_samples, interval_us (microseconds) and files (tuple of SurveyFile, by name) describe the
    data. labels is int8 (n_traces,): -1 for unlabelled, else an index into CLASSES. geometry is a
    structured array (n_traces,) with file, trace (0-based in its file), inline and crossline;
    geometry_kind is "3D", "2D" or "unstructured". Use `Survey.open`.
    """

    def __init__(self, folder: Path, files: tuple[SurveyFile, ...]):
        self.folder = folder
        self.files = files
        self.n_traces = sum(file.n_traces for file in files)
        self.n_samples = files[0].n_samples
        self.interval_us = files[0].interval_us
        self.geometry, self.geometry_kind = _geometry(files)
        self.labels = np.full(self.n_traces, -1, dtype=np.int8)
        self._starts = np.array([file.first for file in files])
        self._local = threading.local()

    @classmethod
    def open(cls, folder: Path | str, *, labelled: bool = True) -> "Survey":
        """Read the headers and labels of the survey in a folder; samples stay on disk.

        With labelled=False a missing labels.csv is no error and every label is -1. Raises SurveyError
        for whatever is wrong with the folder, a SEG-Y file or the labels.
        """
        folder = Path(folder)
        files: list[SurveyFile] = []
        for path in find_files(folder):
            file = probe(path, files[-1].first + files[-1].n_traces if files else 0)
            if files:
                _require_same(files[0], file)
            files.append(file)
        survey = cls(folder, tuple(files))
        if labelled or (folder / LABELS_NAME).exists():
            survey.labels = read_labels(folder, survey.files, survey.geometry, survey.geometry_kind)
        return survey

    def blocks(self, size: int, unit: str) -> np.ndarray:
        """Group numbers for cross-validation, int64 (n_traces,), so that neighbours stay together.

        Blocks of `size` successive lines, for the unit "inline" or "crossline", or of `size` successive
        traces of one file, for the unit "trace". Numbered from 0.
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
        """The samples of these traces, float32 (len(indices), n_samples), in the order given.

        May be called from several threads: each has its own file handle. Raises IndexError for a trace
        that is not there, SurveyError if the file can no longer be read.
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
            # Doubles beyond float32 become infinite, and infinite traces are reported, not trained on.
            with np.errstate(over="ignore"):
                out[into] = rows
        return out

    def _raw(self, file: int, start: int, stop: int) -> np.ndarray:
        local = self._local
        try:
            if getattr(local, "file", None) != file:
                # One open handle a thread, however many files a survey has.
                local.handle = self.files[file].open()
                local.file = file
            return local.handle.trace.raw[start:stop]
        # segyio raises the latter when it opens a file of another size than before.
        except (OSError, RuntimeError) as error:
            raise SurveyError(
                f"{self.files[file].path}: traces {start + 1} to {stop} cannot be read any more ({error}); "
                "check the disk and that the file has not changed"
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

        `where` is a bool mask or an array of trace indices. Holds one chunk at a time.
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

    @cached_property
    def _flags(self) -> tuple[np.ndarray, np.ndarray]:
        starts = range(0, self.n_traces, 2048)
        parts = ordered_map(
            lambda start: trace_flags(self.read(np.arange(start, min(start + 2048, self.n_traces)))), starts
        )
        dead, nonfinite = zip(*parts, strict=True)
        return np.concatenate(dead), np.concatenate(nonfinite)

    def remember_flags(self, dead: np.ndarray, nonfinite: np.ndarray) -> None:
        """Keep the flags of a pass that had to read every trace anyway."""
        self.__dict__["_flags"] = (dead, nonfinite)

    @cached_property
    def sha256(self) -> str:
        """Hex digest over the names, sizes and bytes of the SEG-Y files and of labels.csv."""
        digest = hashlib.sha256()
        labels = self.folder / LABELS_NAME
        for path in [*(file.path for file in self.files), *([labels] if labels.exists() else [])]:
            # Name and size first, so that moving bytes from one file to the next is a change.
            digest.update(f"{path.name}\0{os.stat(path).st_size}\0".encode())
            with path.open("rb", buffering=0) as handle:
                while block := handle.read(HASH_BUFFER):
                    digest.update(block)
        return digest.hexdigest()


def trace_flags(traces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of these traces (n, samples) are dead and which non-finite: two bool arrays (n,)."""
    low, high = traces.min(axis=1), traces.max(axis=1)
    # Both minimum and maximum are NaN if any sample is.
    return low == high, ~(np.isfinite(low) & np.isfinite(high))


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


def _geometry(files: tuple[SurveyFile, ...]) -> tuple[np.ndarray, str]:
    geometry = np.empty(sum(file.n_traces for file in files), dtype=GEOMETRY)
    cdp = np.empty(len(geometry), dtype=np.int32)
    for number, file in enumerate(files):
        rows = slice(file.first, file.first + file.n_traces)
        fields = file.header_fields(INLINE_BYTE, CROSSLINE_BYTE, CDP_BYTE)
        geometry["file"][rows] = number
        geometry["trace"][rows] = np.arange(file.n_traces)
        geometry["inline"][rows], geometry["crossline"][rows], cdp[rows] = fields.T
    inlines, crosslines = np.unique(geometry["inline"]), np.unique(geometry["crossline"])
    pairs = np.unique(pair_keys(geometry["inline"], geometry["crossline"]))
    # A line numbered in both fields has as many positions as numbers; an area has more.
    if len(pairs) > max(len(inlines), len(crosslines)):
        return geometry, "3D"
    if len(pairs) > len(files) and len(pairs) > 1:
        return geometry, "2D"
    if len(np.unique(cdp)) > 1:
        # 2D lines are numbered in the CDP field; with it here, labels.csv can name them too.
        geometry["crossline"] = cdp
        return geometry, "2D"
    return geometry, "unstructured"
