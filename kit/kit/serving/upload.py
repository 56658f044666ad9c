"""Takes files that a trainer reads, and writes CSV, a few hundred rows at a time."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from kit.server.errors import RequestError
from kit.server.http import RAW, Body, body_timeout
from kit.serving.batching import MicroBatcher
from kit.serving.handler import FileReader, FileRows
from kit.serving.tasks.task import Task

FORM = b"multipart/form-data"
FILE_FIELD = "file"


async def save(body: Body, folder: Path, files: FileReader) -> None:
    """Write an uploaded file into a folder, by the reader's name. Raises RequestError if there is none."""
    path = folder / files.name
    async with body_timeout():
        if body.media_type == RAW:
            with path.open("wb") as file:
                async for part in body.parts():
                    file.write(part)
        else:
            await _save_form(body, path, files.format)


async def _save_form(body: Body, path: Path, format: str) -> None:
    request = Request(body.scope, body.receive)
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            upload = form.get(FILE_FIELD)
            if not isinstance(upload, UploadFile):
                raise RequestError(
                    422,
                    "invalid_input",
                    FILE_FIELD,
                    f"expected a {format} file in the form's field {FILE_FIELD!r}",
                )
            with path.open("wb") as file:
                await asyncio.to_thread(shutil.copyfileobj, upload.file, file, 1 << 20)
    except (MultiPartException, HTTPException, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "message", None) or getattr(error, "detail", None) or str(error)
        raise RequestError(400, "invalid_form", "body", f"expected multipart/form-data: {reason}") from None


def csv_header(columns: Sequence[str], task: Task) -> str:
    """The first line of the answer, without its line end."""
    return ",".join([*columns, *task.columns])


async def csv_lines(
    opened: FileRows, columns: Sequence[str], task: Task, batcher: MicroBatcher
) -> AsyncIterator[bytes]:
    """The answer in pieces: what tells a row from others, and its prediction.

    The first piece has the first predictions, so that their failure is an answer with its own status.
    """
    head = f"{csv_header(columns, task)}\n"
    chunks = opened.chunks()
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        places, rows = chunk
        predictions = await batcher.predict(rows)
        yield (head + "\n".join(task.lines(places, predictions)) + "\n").encode()
        head = ""
    if head:
        yield head.encode()
