"""Uploaded SEG-Y files: checked, read for drawing, and removed."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from kit.server.errors import RequestError
from kit.server.http import RAW, LargeBody, Message, Receive, body_timeout
from kit.server.room import Room
from seismic.data.errors import SurveyError
from seismic.data.settings import TrainerSettings
from seismic.status.surveys import encoded, most_traces

LARGEST_FILE = 64 << 20
FILE_TRACES = 500
READ_SECONDS = 30.0
# Messages use this name, not the temporary folder's.
NAME = "upload.sgy"


class Uploads:
    """Reads one file at a time. It has room for one of the largest files, because the place may be memory."""

    def __init__(self, settings: TrainerSettings) -> None:
        self._settings = settings
        self._place = asyncio.Semaphore(1)
        self._room = Room(LARGEST_FILE)

    async def traces(self, scope: Message, receive: Receive) -> dict[str, Any]:
        """The first traces of the SEG-Y file in a request's body, in the form of `Traces.line`.

        Raises
        ------
        RequestError : too large, too slow, or no readable SEG-Y file, with the reason.
        ClientGone : nobody waits for it any more.
        """
        async with LargeBody(scope, receive, LARGEST_FILE, self._room) as body:
            if body.media_type != RAW:
                got = body.content_type.decode("latin-1")[:80] or "none"
                raise RequestError(415, "content_type", "content-type", f"expected {RAW.decode()}, got {got}")
            with tempfile.TemporaryDirectory(prefix="segy-") as name:
                folder = Path(name)
                async with body_timeout():
                    with (folder / NAME).open("wb") as file:
                        async for part in body.parts():
                            file.write(part)
                async with self._place:
                    return await _read(folder, self._settings)


async def _read(folder: Path, settings: TrainerSettings) -> dict[str, Any]:
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await asyncio.to_thread(_first_traces, folder, settings)
    except SurveyError as error:
        message = str(error).replace(f"{folder}/", "").removeprefix(f"{NAME}: ")
        raise RequestError(422, "invalid_segy", "file", message) from error
    except TimeoutError:
        message = f"not read within {READ_SECONDS:.0f} s"
        raise RequestError(422, "invalid_segy", "file", message) from None


def _first_traces(folder: Path, settings: TrainerSettings) -> dict[str, Any]:
    from seismic.data.survey import Survey

    survey = Survey.open(folder, settings, labelled=False)
    chosen = np.arange(min(survey.n_traces, most_traces(survey, FILE_TRACES)))
    return {**encoded(survey, chosen), "start": 0, "total": survey.n_traces}
