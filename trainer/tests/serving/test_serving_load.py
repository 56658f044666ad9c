import asyncio
import json
import threading
import time

import httpx
import numpy as np
import pytest

from kit.server import http, room
from kit.server.errors import RequestError
from kit.serving import app
from kit.serving.batching import ROWS_AT_ONCE, VALUES_AT_ONCE, rows_at_once
from seismic.serving import parsing
from seismic.serving.parsing import TraceParser

from .conftest import BODY_LIMIT, SAMPLES
from .test_serving_upload import segy

JSON = {"content-type": "application/json"}
RAW = {"content-type": "application/octet-stream"}
STALLERS = 3 * app.BATCHES_AT_ONCE


def batch(traces):
    return json.dumps({"traces": np.asarray(traces).tolist()}).encode()


def clients(service):
    return httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://test")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/octet-stream", "multipart/form-data; boundary=x"]
)
def test_clients_that_stall_keep_nobody_waiting(service, traces, kind):
    async def stalled():
        yield b"--x"
        await asyncio.sleep(20)

    async def run():
        async with clients(service) as client:
            headers = {"content-type": kind}
            stallers = [
                asyncio.create_task(client.post("/batch_predict", content=stalled(), headers=headers))
                for _ in range(STALLERS)
            ]
            await asyncio.sleep(0.1)
            assert not any(task.done() for task in stallers)
            began = time.monotonic()
            answers = [
                await client.post("/batch_predict", content=batch(traces[:3]), headers=JSON),
                await client.post("/batch_predict", content=segy(traces[:3]), headers=RAW),
            ]
            for task in stallers:
                task.cancel()
            return [answer.status_code for answer in answers], time.monotonic() - began

    statuses, seconds = asyncio.run(run())

    assert statuses == [200, 200]
    assert seconds < 5


def test_a_body_that_pauses_is_cut_off_long_before_its_whole_time(call, monkeypatch):
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.2)

    async def stalled():
        yield b"{"
        await asyncio.sleep(20)

    answer = call("POST", "/batch_predict", content=stalled(), headers=JSON)

    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
    assert answer.json()["error"]["message"].startswith("expected more of the body within")


def test_bodies_that_arrive_together_are_bounded_and_the_room_is_given_back(service, monkeypatch):
    monkeypatch.setattr(room, "ROOM_SECONDS", 0.2)
    all_sent = asyncio.Event()
    part = b" " * (BODY_LIMIT - 10)

    async def held():
        yield part
        await all_sent.wait()

    async def run():
        async with clients(service) as client:
            post = [
                asyncio.create_task(client.post("/batch_predict", content=held(), headers=JSON))
                for _ in range(app.LARGEST_AT_ONCE + 2)
            ]
            refused, _ = await asyncio.wait(post, timeout=1)
            all_sent.set()
            others = await asyncio.gather(*(task for task in post if task not in refused))
            again = await client.post("/batch_predict", content=part + b"{}", headers=JSON)
            return [task.result() for task in refused], others, again

    refused, others, again = asyncio.run(run())

    assert [answer.status_code for answer in refused] == [503, 503]
    assert refused[0].json()["error"]["kind"] == "busy"
    assert [answer.status_code for answer in others] == [400] * app.LARGEST_AT_ONCE  # blanks are no JSON
    assert again.status_code == 422


def test_a_client_that_does_not_read_keeps_nobody_waiting(service, traces, monkeypatch):
    monkeypatch.setattr(http, "BODY_SECONDS", 1.0)

    async def upload_and_read_nothing():
        body = segy(traces[:3])
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive():
            return messages.pop()

        async def send(message):
            if message["type"] == "http.response.body" and message.get("more_body"):
                await asyncio.sleep(20)

        headers = [(b"content-type", b"application/octet-stream")]
        scope = {"type": "http", "method": "POST", "path": "/batch_predict", "headers": headers}
        await service(scope, receive, send)

    async def run():
        slow = [asyncio.create_task(upload_and_read_nothing()) for _ in range(STALLERS)]
        await asyncio.sleep(0.5)
        async with clients(service) as client:
            began = time.monotonic()
            answer = await client.post("/batch_predict", content=batch(traces[:3]), headers=JSON)
            seconds = time.monotonic() - began
        # The service gives each one up in time.
        await asyncio.wait_for(asyncio.gather(*slow), 10)
        return answer.status_code, seconds

    status, seconds = asyncio.run(run())

    assert status == 200
    assert seconds < 0.4


def test_one_trace_cannot_be_large(call):
    longest = SAMPLES * parsing.BYTES_A_SAMPLE + parsing.BYTES_AROUND
    pretty = json.dumps({"trace": [-1.2345678901234567e-300] * SAMPLES}, indent=8).encode()
    assert len(pretty) < longest

    assert call("POST", "/predict", content=pretty, headers=JSON).status_code == 200
    answer = call("POST", "/predict", content=pretty + b" " * longest, headers=JSON)

    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == f"expected at most {longest} bytes"


@pytest.mark.parametrize(
    ("samples", "rows"), [(60, 512), (462, 512), (12_000, 21), (60_000, 4), (1 << 20, 1)]
)
def test_a_call_takes_no_more_long_traces_than_short_ones_amount_to(samples, rows):
    assert rows_at_once(samples) == rows
    assert rows == 1 or rows * samples <= VALUES_AT_ONCE
    assert rows <= ROWS_AT_ONCE


GOOD = "[" + ",".join(["0.5"] * SAMPLES) + "]"
LARGE = [GOOD] * (parsing.AT_ONCE_BYTES // len(GOOD) + 3)


def large(last, begin='{"traces":[', end="]}"):
    return (begin + ",".join([*LARGE, last]) + end).encode()


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (large(GOOD.replace("0.5", "true", 1)), f"traces[{len(LARGE)}][0]", "got a boolean"),
        (large(GOOD.replace("0.5", "null", 1)), f"traces[{len(LARGE)}][0]", "got null"),
        (large(GOOD.replace("0.5", "1e30", 1)), f"traces[{len(LARGE)}][0]", "got 1e+30"),
        (large(GOOD.replace("0.5", "NaN", 1)), f"traces[{len(LARGE)}]", "is not JSON"),
        (large(GOOD.replace("0.5", "[1]", 1)), f"traces[{len(LARGE)}]", "expected JSON"),
        (large("[0.5]"), f"traces[{len(LARGE)}]", f"expected {SAMPLES} finite numbers (amplitudes), got 1"),
        (large("7"), f"traces[{len(LARGE)}]", "expected a list"),
        (large(GOOD, end="]"), f"traces[{len(LARGE) + 1}]", "the body's end"),
        (large(GOOD, end='],"trace":1}'), f"traces[{len(LARGE) + 1}]", "the body's end"),
        (large(GOOD, begin='{"trace":['), "body", 'only field is "traces"'),
        (large(GOOD, begin="["), "body", 'only field is "traces"'),
        (b'"' + b"x" * parsing.AT_ONCE_BYTES + b'"', "body", 'only field is "traces"'),
    ],
)
def test_what_is_wrong_with_a_large_batch_is_found_without_parsing_it_in_one_piece(
    body, field, message, monkeypatch
):
    longest = []
    loads = parsing.orjson.loads
    monkeypatch.setattr(parsing.orjson, "loads", lambda text: (longest.append(len(text)), loads(text))[1])

    with pytest.raises(RequestError) as refused:
        for _ in TraceParser(SAMPLES, 10 * len(LARGE)).many(body, 512):
            pass

    assert (refused.value.field, message in refused.value.message) == (field, True), refused.value.message
    assert max(longest, default=0) < parsing.AT_ONCE_BYTES / 100


def test_a_large_batch_is_parsed_beside_the_event_loop(service, monkeypatch):
    parse = service._parser.many
    threads = []

    def noted(body, rows):
        for traces in parse(body, rows):
            threads.append(threading.current_thread())
            yield traces

    monkeypatch.setattr(service._parser, "many", noted)
    body = batch(np.zeros((40, SAMPLES))).replace(b"0.0", b"0.0" + b"0" * (app.INLINE_BYTES // 40 // SAMPLES))
    assert app.INLINE_BYTES < len(body) < BODY_LIMIT

    async def run():
        async with clients(service) as client:
            large = await client.post("/batch_predict", content=body, headers=JSON)
            small = await client.post("/batch_predict", content=batch(np.zeros((1, SAMPLES))), headers=JSON)
            return [large.status_code, small.status_code]

    assert asyncio.run(run()) == [200, 200]
    assert [thread is threading.main_thread() for thread in threads] == [False, True]
