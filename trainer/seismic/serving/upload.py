"""Reads SEG-Y and writes CSV, a few hundred traces at a time."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import numpy as np
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from kit.server.errors import RequestError
from kit.server.http import RAW, Body, body_timeout
from kit.serving.batching import MicroBatcher, rows_at_once
from seismic.data.amplitudes import LARGEST_AMPLITUDE
from seismic.data.errors import SurveyError
from seismic.data.settings import TrainerSettings
from seismic.data.survey import Survey

from .model import ServedModel

FORM = b"multipart/form-data"
FILE_FIELD = "file"
# Messages call the upload by the field's name, because a user does not know the temporary folder.
UPLOAD_NAME = "upload.sgy"


async def save(body: Body, folder: Path) -> None:
    """Write an uploaded SEG-Y file into a folder. Raises RequestError if there is none."""
    path = folder / UPLOAD_NAME
    async with body_timeout():
        if body.media_type == RAW:
            with path.open("wb") as file:
                async for part in body.parts():
                    file.write(part)
        else:
            await _save_form(body, path)


async def _save_form(body: Body, path: Path) -> None:
    request = Request(body.scope, body.receive)
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            upload = form.get(FILE_FIELD)
            if not isinstance(upload, UploadFile):
                raise RequestError(
                    422,
                    "invalid_input",
                    FILE_FIELD,
                    f"expected a SEG-Y file in the form's field {FILE_FIELD!r}",
                )
            with path.open("wb") as file:
                await asyncio.to_thread(shutil.copyfileobj, upload.file, file, 1 << 20)
    except (MultiPartException, HTTPException, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "message", None) or getattr(error, "detail", None) or str(error)
        raise RequestError(400, "invalid_form", "body", f"expected multipart/form-data: {reason}") from None


async def open_survey(folder: Path, model: ServedModel, settings: TrainerSettings) -> Survey:
    """Check the whole upload against the model, before the first line of the answer.

    It is read with the same settings as the trainer's survey.

    Raises RequestError for no SEG-Y, a cut-off file, another number of samples or interval, or amplitudes
    that are not finite.
    """
    return await asyncio.to_thread(_open_survey, folder, model, settings)


def _open_survey(folder: Path, model: ServedModel, settings: TrainerSettings) -> Survey:
    try:
        survey = Survey.open(folder, settings, labelled=False)
    except SurveyError as error:
        raise _unusable(str(error).replace(f"{folder}/", "").removeprefix(f"{UPLOAD_NAME}: ")) from error
    if survey.n_samples != model.n_samples:
        raise _unusable(f"expected traces of {model.n_samples} samples, got {survey.n_samples}")
    if survey.interval_us != model.interval_us:
        raise _unusable(f"expected a sample interval of {model.interval_us} µs, got {survey.interval_us} µs")
    for indices, traces in survey.chunks(rows_at_once(survey.n_samples)):
        largest = np.abs(traces).max(axis=1)
        if not largest.max() <= LARGEST_AMPLITUDE:
            place = survey.geometry[indices[np.argmin(largest <= LARGEST_AMPLITUDE)]]
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
    return survey


def csv_header(classes: tuple[str, ...]) -> str:
    """The first line of the answer, without its line end."""
    return ",".join(["inline", "crossline", "class", *(f"probability_{label}" for label in classes)])


async def csv_lines(survey: Survey, model: ServedModel, batcher: MicroBatcher) -> AsyncIterator[bytes]:
    """The answer in pieces: inline, crossline, class, and the probability of each class."""
    yield f"{csv_header(model.classes)}\n".encode()
    chunks = survey.chunks(rows_at_once(survey.n_samples))
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        indices, traces = chunk
        probabilities = await batcher.predict(traces)
        yield _csv(survey.geometry[indices], probabilities, model.classes)


def _csv(places: np.ndarray, probabilities: np.ndarray, classes: tuple[str, ...]) -> bytes:
    line = "%d,%d,%s" + ",%.6f" * len(classes)
    rows = zip(
        places["inline"].tolist(),
        places["crossline"].tolist(),
        probabilities.argmax(axis=1).tolist(),
        probabilities.tolist(),
        strict=True,
    )
    text = [line % (inline, crossline, classes[best], *row) for inline, crossline, best, row in rows]
    return ("\n".join(text) + "\n").encode()


def _unusable(message: str, quality: Mapping[str, int] | None = None) -> RequestError:
    return RequestError(422, "invalid_segy", FILE_FIELD, message, quality)
