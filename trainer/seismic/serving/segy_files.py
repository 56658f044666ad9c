"""Reads SEG-Y files that clients upload, a few hundred traces at a time."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from kit.server.errors import RequestError
from kit.serving.batching import rows_at_once
from kit.serving.upload import FILE_FIELD
from seismic.data.amplitudes import LARGEST_AMPLITUDE
from seismic.data.errors import SurveyError
from seismic.data.settings import TrainerSettings
from seismic.data.survey import Survey


class SegyFiles:
    """Reads SEG-Y of one length and interval (µs), with the same settings as the trainer's survey.

    See `kit.serving.handler.FileReader`.
    """

    format = "SEG-Y"
    form = "SegyForm"
    # Messages call the upload by the field's name, because a user does not know the temporary folder.
    name = "upload.sgy"
    columns = ("inline", "crossline")

    def __init__(self, n_samples: int, interval_us: float, settings: TrainerSettings) -> None:
        self._n_samples = n_samples
        self._interval_us = interval_us
        self._settings = settings

    def open(self, folder: Path) -> "SegyRows":
        """Check the whole upload against the model, before the first line of the answer.

        Raises RequestError for no SEG-Y, a cut-off file, another number of samples or interval, or amplitudes
        that are not finite.
        """
        try:
            survey = Survey.open(folder, self._settings, labelled=False)
        except SurveyError as error:
            raise _unusable(str(error).replace(f"{folder}/", "").removeprefix(f"{self.name}: ")) from error
        if survey.n_samples != self._n_samples:
            raise _unusable(f"expected traces of {self._n_samples} samples, got {survey.n_samples}")
        if survey.interval_us != self._interval_us:
            raise _unusable(
                f"expected a sample interval of {self._interval_us} µs, got {survey.interval_us} µs"
            )
        for indices, traces in survey.chunks(rows_at_once(survey.n_samples)):
            _check_amplitudes(survey.geometry[indices], traces)
        return SegyRows(survey)


class SegyRows:
    """The traces of a checked upload, each with its inline and crossline."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey

    def chunks(self) -> Iterator[tuple[Sequence[str], np.ndarray]]:
        """The traces in the file's order: (n, n_samples) float32."""
        for indices, traces in self._survey.chunks(rows_at_once(self._survey.n_samples)):
            places = self._survey.geometry[indices]
            lines = zip(places["inline"].tolist(), places["crossline"].tolist(), strict=True)
            yield [f"{inline},{crossline}" for inline, crossline in lines], traces


def _check_amplitudes(places: np.ndarray, traces: np.ndarray) -> None:
    largest = np.abs(traces).max(axis=1)
    if largest.max() <= LARGEST_AMPLITUDE:
        return
    place = places[np.argmin(largest <= LARGEST_AMPLITUDE)]
    finite = np.isfinite(largest)
    quality = {
        "nonfinite": int(np.count_nonzero(~finite)),
        "out_of_range": int(np.count_nonzero(largest[finite] > LARGEST_AMPLITUDE)),
    }
    raise _unusable(
        f"trace {place['trace'] + 1} (inline {place['inline']}, crossline {place['crossline']}): "
        f"expected finite amplitudes within ±{LARGEST_AMPLITUDE:.0e}",
        quality,
    )


def _unusable(message: str, quality: Mapping[str, int] | None = None) -> RequestError:
    return RequestError(422, "invalid_segy", FILE_FIELD, message, quality)
