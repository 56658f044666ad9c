"""The ASGI application: it answers predictions and explanations itself, and everything else by FastAPI.

FastAPI's and Starlette's layers would take a third of a prediction's time (bench/serving.py), so the two hot
paths do not go through them. The OpenAPI document has their schemas nevertheless.
"""

import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Iterator
from contextlib import aclosing
from functools import partial
from pathlib import Path
from time import perf_counter

import orjson

from kit.drift.watching import DriftWatch, Observer
from kit.server.errors import RequestError
from kit.server.http import (
    JSON,
    RAW,
    Body,
    ClientGone,
    LargeBody,
    Message,
    Receive,
    Send,
    answer,
    body_timeout,
    send_in_time,
)
from kit.server.room import Room
from kit.serving import upload
from kit.serving.api import build_api
from kit.serving.batching import BadPrediction, MicroBatcher, rows_at_once
from kit.serving.explaining.explainer import Explainer
from kit.serving.handler import FileReader
from kit.serving.metrics import Metrics
from kit.serving.model import ServedModel
from kit.serving.settings import Settings

log = logging.getLogger("serving")

# Batches that are worked on at once. Further batches wait as a whole.
BATCHES_AT_ONCE = 4
# The number of batch bodies of the largest size that may arrive and wait at the same time.
LARGEST_AT_ONCE = 4
# The bytes that are parsed between two turns of the event loop. More bytes are parsed in a thread, which
# takes turns with the loop.
INLINE_BYTES = 1 << 18
CLOSE = (b"connection", b"close")


class Service:
    """Serves one model.

    Attributes
    ----------
    draining : once True, /ready says 503 and each answer closes its connection; predictions go on.
    in_flight : the number of requests being answered.
    watch : compares what is predicted with the training data, once it is started; None if it cannot.
    """

    def __init__(self, model: ServedModel, settings: Settings) -> None:
        self.model = model
        self.settings = settings
        self.draining = False
        self.in_flight = 0
        self.metrics = Metrics(model, settings, lambda: self.in_flight)
        self.watch = _watch(model, settings, self.metrics)
        observe = _observer(model, self.metrics, self.watch)
        self.batcher = MicroBatcher(partial(model.probabilities, observe=observe), self.metrics.predicted)
        self.api = build_api(model, settings, self.metrics, lambda: self.draining)
        self._answer = model.task.answer
        self._parser = model.handler.parser
        self._n_values = model.handler.n_values
        self._batch_types = (JSON,) if model.handler.files is None else (JSON, upload.FORM, RAW)
        self._explainer = Explainer(model)
        self._predictions = {
            "/predict": self._predict,
            "/batch_predict": self._batch_predict,
            "/explain": self._explain,
        }
        # The gateway writes it into its access log.
        self.version_header = (b"x-model-version", model.version.encode())
        self._places = asyncio.Semaphore(BATCHES_AT_ONCE)
        self._room = Room(LARGEST_AT_ONCE * settings.max_body_bytes)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request. Every error becomes a JSON error."""
        if scope["type"] != "http":
            await self.api(scope, receive, send)
            return
        exchange = _Exchange(self, send)
        self.in_flight += 1
        try:
            predict = self._predictions.get(scope["path"])
            if predict is None:
                await self.api(scope, receive, exchange.send)
            elif scope["method"] != "POST":
                raise RequestError(405, "method", "method", f"expected POST, got {scope['method']}")
            else:
                start = perf_counter()
                await predict(scope, receive, exchange.send)
                self.metrics.latency[scope["path"]].observe(perf_counter() - start)
        except ClientGone:
            self.metrics.errors.labels("client_gone").inc()
        except RequestError as error:
            await exchange.fail(error)
        except BadPrediction as error:
            log.error("%s %s: %s", scope["method"], scope["path"], error)
            await exchange.fail(RequestError(500, "prediction", "model", str(error)))
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            await exchange.fail(RequestError(500, "internal", "server", "failed; its log has more"))
        finally:
            self.in_flight -= 1

    async def _predict(self, scope: Message, receive: Receive, send: Send) -> None:
        body = Body(scope, receive, min(self.settings.max_body_bytes, self._parser.most_bytes))
        _expect_type(body, JSON)
        row = self._parser.one(await body.read())
        outputs = (await self.batcher.predict(row))[0].tolist()
        await answer(send, 200, orjson.dumps({**self._answer(outputs), "version": self.model.version}))

    async def _explain(self, scope: Message, receive: Receive, send: Send) -> None:
        body = Body(scope, receive, min(self.settings.max_body_bytes, self._parser.most_bytes))
        _expect_type(body, JSON)
        row = self._parser.one(await body.read())
        # No call of the model has more rows than a batch's, so they too run in the event loop.
        await answer(send, 200, orjson.dumps(self._explainer.explain(row)))

    async def _batch_predict(self, scope: Message, receive: Receive, send: Send) -> None:
        send = partial(send_in_time, send)
        async with LargeBody(scope, receive, self.settings.max_body_bytes, self._room) as body:
            _expect_type(body, *self._batch_types)
            if body.media_type == JSON:
                await self._batch_of_json(body, send)
            else:
                await self._batch_of_file(body, self.model.handler.files, send)

    async def _batch_of_json(self, body: Body, send: Send) -> None:
        async with body_timeout():
            content = await body.read()
        predictions = []
        chunks = self._parser.many(content, rows_at_once(self._n_values))
        is_large = len(content) > INLINE_BYTES
        async with self._places:
            while (rows := await _next(chunks, is_large)) is not None:
                # This wait lets requests with one row in between the chunks of a large batch.
                predictions += map(self._answer, (await self.batcher.predict(rows)).tolist())
        await answer(send, 200, orjson.dumps({"predictions": predictions, "version": self.model.version}))

    async def _batch_of_file(self, body: Body, files: FileReader, send: Send) -> None:
        with tempfile.TemporaryDirectory(prefix="upload-") as name:
            folder = Path(name)
            await upload.save(body, folder, files)
            async with self._places:
                opened = await asyncio.to_thread(files.open, folder)
            headers = [(b"content-type", b"text/csv; charset=utf-8")]
            answered = upload.csv_lines(opened, files.columns, self.model.task, self.batcher)
            async with aclosing(answered) as lines:
                first = await self._in_place(anext(lines))
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": first, "more_body": True})
                # A client that reads slowly must not hold a place meanwhile.
                while (part := await self._in_place(anext(lines, None))) is not None:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _in_place[T](self, work: Awaitable[T]) -> T:
        async with self._places:
            return await work


class _Exchange:
    """The way of one answer to its client. It knows whether the answer has begun."""

    def __init__(self, service: Service, send: Send) -> None:
        self._service = service
        self._send = send
        self._begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            closing = [CLOSE] if self._service.draining else []
            message["headers"] = [*message["headers"], self._service.version_header, *closing]
        await self._send(message)

    async def fail(self, error: RequestError) -> None:
        self._service.metrics.errors.labels(error.kind).inc()
        for quality, rows in error.quality.items():
            self._service.metrics.count_quality(quality, rows)
        if self._begun:
            raise error  # too late for a status: the server cuts the connection, and the client sees it
        headers = [CLOSE] if error.status in (408, 413, 503) else []  # the rest of the body is not awaited
        if error.status == 405:
            headers.append((b"allow", b"POST"))
        await answer(self.send, error.status, error.body(), headers=headers)


def _watch(model: ServedModel, settings: Settings, metrics: Metrics) -> DriftWatch | None:
    if metrics.drift is None or model.reference is None:
        return None
    return DriftWatch(model.reference, metrics.drift, settings.drift_period)


def _observer(model: ServedModel, metrics: Metrics, watch: DriftWatch | None) -> Observer:
    looks = []
    # Features of another kind may have anything in their columns.
    if (quality := model.handler.quality) is not None and quality.look is not None:
        looks.append(quality.look(metrics.count_quality, model.reference))
    if watch is not None:
        looks.append(watch.window.add)
    return Observer(looks, metrics.observing_failed)


async def _next[T](chunks: Iterator[T], is_large: bool) -> T | None:
    # Parse in a thread, so that the health check and others get answers while a large batch is parsed.
    return await asyncio.to_thread(next, chunks, None) if is_large else next(chunks, None)


def _expect_type(body: Body, *allowed: bytes) -> None:
    if body.media_type not in allowed:
        expected = " or ".join(media_type.decode() for media_type in allowed)
        got = body.content_type.decode("latin-1")[:80] or "none"
        raise RequestError(415, "content_type", "content-type", f"expected {expected}, got {got}")
