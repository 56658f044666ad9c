"""MLflow's REST API, for services that cannot afford MLflow's own client, which takes 200 MB.

Source: https://mlflow.org/docs/latest/api_reference/rest-api.html
"""

from collections.abc import Awaitable
from typing import Any

import httpx
import orjson

from kit.server.client import NoAnswer, read

MISSING = "RESOURCE_DOES_NOT_EXIST"
LONGEST_REASON = 200


class Refused(NoAnswer):
    """MLflow answered with a refusal. `missing` is true if the named thing does not exist."""

    def __init__(self, message: str, missing: bool):
        super().__init__(message)
        self.missing = missing


class Rest:
    """The MLflow at an address. Every method raises NoAnswer or Refused. The callers set time limits.

    `login` has a user and a password, both empty where MLflow asks for none.
    """

    def __init__(self, address: str, http: httpx.AsyncClient, login: tuple[str, str] = ("", "")):
        self._address = address.rstrip("/")
        self._http = http
        self._auth = httpx.BasicAuth(*login) if all(login) else None

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """MLflow's answer to a GET, for example to `runs/get`."""
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, **content: Any) -> dict[str, Any]:
        """MLflow's answer to a POST, for example to `runs/search`."""
        return await self._ask("POST", path, json=content)

    async def find(self, path: str, key: str, **query: str) -> Any:
        """The answer's value of a key; empty if the thing does not exist."""
        return (await _or_nothing(self.get(path, **query))).get(key, {})

    async def runs(self, experiment_id: str, where: str, count: int) -> list[dict[str, Any]]:
        """The newest runs of an experiment that match a filter, newest first."""
        query = {
            "experiment_ids": [experiment_id],
            "filter": where,
            "max_results": count,
            "order_by": ["attributes.start_time DESC"],
        }
        return (await _or_nothing(self.post("runs/search", **query))).get("runs", [])

    async def artifact(self, run_id: str, path: str, limit: int) -> bytes | None:
        """An artifact's bytes, at most `limit`; None if the run has no artifact of this name."""
        url = f"{self._address}/get-artifact"
        query = {"run_uuid": run_id, "path": path}
        status, body = await read(self._http, "GET", url, limit, params=query, auth=self._auth)
        if status == httpx.codes.OK:
            return body
        # MLflow answers 500 for a missing file.
        if status == httpx.codes.NOT_FOUND or b"No such" in body:
            return None
        raise NoAnswer(f"{url} answers {status} for {path}")

    async def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        url = f"{self._address}/api/2.0/mlflow/{path}"
        status, body = await read(self._http, method, url, auth=self._auth, **request)
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise NoAnswer(f"{url} answers {status} and no JSON object")
        if status == httpx.codes.OK:
            return answer
        told = f"{url} answers {status}: {str(answer.get('message', ''))[:LONGEST_REASON]}"
        if httpx.codes.is_server_error(status):
            raise NoAnswer(told)
        raise Refused(told, answer.get("error_code") == MISSING)


async def _or_nothing(asked: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    try:
        return await asked
    except Refused as refusal:
        if refusal.missing:
            return {}
        raise


def tags_of(entity: dict[str, Any]) -> dict[str, str]:
    """The tags of a run's data, a version or a model."""
    return {tag["key"]: str(tag.get("value", "")) for tag in entity.get("tags", ())}
