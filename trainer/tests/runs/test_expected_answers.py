"""A model that is served as in a deployment gives the answers that its run expects."""

import asyncio
import json
from pathlib import Path

import httpx
import numpy as np
import trainer_contract as agreed
from mlflow_server import run

from kit.serving.app import Service
from kit.serving.model import load
from seismic.data.survey import Survey
from seismic.serving.settings import Settings
from seismic.serving.trainer import TRAINER


def agrees(got, expected):
    """Compare as docs/trainer-contract.md says: every key there, texts equal, numbers within 1e-6."""
    match expected:
        case dict():
            return all(key in got and agrees(got[key], value) for key, value in expected.items())
        case list():
            return len(got) == len(expected) and all(map(agrees, got, expected))
        case str():
            return got == expected
    return abs(got - expected) <= 1e-6


def test_the_served_model_answers_what_its_run_expects(environment, client, data, tmp_path):
    _, result = run(environment)
    path = Path(client.download_artifacts(result["runId"], "expectations.json", str(tmp_path)))
    told = json.loads(path.read_text())
    assert agreed.problems(told, "expectations") == []
    requests = told["requests"]
    assert path.stat().st_size < 30_000
    assert [request["path"] for request in requests] == ["/predict", "/batch_predict"]

    settings = environment | {"MODEL_VERSION": result["version"], "MODEL_SHA256": result["sha256"]}
    service = Service(load(TRAINER, Settings.from_environment(settings)), Settings.from_environment(settings))

    async def answers():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://test") as http:
            return [(await http.post(request["path"], json=request["body"])).json() for request in requests]

    for request, answer in zip(requests, asyncio.run(answers()), strict=True):
        assert agrees(answer, request["answer"])

    # The traces are held-out traces of each class, to the bit.
    held = Path(client.download_artifacts(result["runId"], "holdout.json", str(tmp_path)))
    ranges = json.loads(held.read_text())["holdOutTraces"]
    rows = np.concatenate([np.arange(first, last + 1) for first, last in ranges])
    survey = Survey.open(data)
    traces = [trace.tobytes() for trace in survey.read(rows)]
    known = dict(zip(traces, survey.labels[rows], strict=True))
    asked = [np.array(trace, np.float32).tobytes() for trace in requests[1]["body"]["traces"]]
    labels = [known[trace] for trace in asked]
    assert [labels.count(code) for code in range(3)] == [4, 4, 4]
    assert np.array(requests[0]["body"]["trace"], np.float32).tobytes() == asked[0]
