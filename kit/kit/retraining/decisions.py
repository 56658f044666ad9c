"""The service's decisions about requests for a run, and their form in MLflow."""

import dataclasses
import datetime
import json
from dataclasses import dataclass
from typing import Any

from kit.contract.protocol import SUPERSEDED
from kit.registry.names import RETRAINING_PREFIX
from kit.retraining.training import Ended

LONGEST_VALUE = 1000
LONGEST_REASON = 500

STARTED, DECLINED = "started", "declined"
# The reason of a decline begins with this if the same request may be accepted a moment later.
NO_MLFLOW = "no MLflow"
REPRODUCED, PASSED, REFUSED = "reproduced", "passed", "refused"
FAILED, TIMEOUT, INTERRUPTED = "failed", "timeout", "interrupted"
# The possible ends of a run.
ENDS = (REPRODUCED, PASSED, REFUSED, FAILED, TIMEOUT, INTERRUPTED)
# After one of these ends, the alert is dealt with. After another end, it may ask once more.
DEALT_WITH = (STARTED, REPRODUCED, PASSED, REFUSED)


@dataclass(frozen=True)
class Decision:
    """One decision. `at` is its time in UTC; for a run, the time of its start.

    `trigger` is "schedule", "alert" with its name, or "user" with the name. `alert` is the identity of the
    alert. `seconds` is the time that the run took. `count` is the number of requests that were declined for
    the same reason.
    """

    at: datetime.datetime
    trigger: str
    reason: str
    outcome: str
    version: str = ""
    run_id: str = ""
    seconds: float | None = None
    alert: str = ""
    count: int = 1

    @property
    def key(self) -> str:
        """The name of the decision's tag."""
        return f"{RETRAINING_PREFIX}{_iso(self.at).replace(':', '')}"

    @property
    def is_run(self) -> bool:
        """Whether a run was started."""
        return self.outcome != DECLINED

    def as_json(self) -> dict[str, Any]:
        """The decision for /decisions and for the tag."""
        optional = {
            "version": self.version,
            "runId": self.run_id,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "alert": self.alert,
            "count": self.count if self.count > 1 else None,
        }
        return {
            "at": _iso(self.at),
            "trigger": self.trigger,
            "reason": self.reason,
            "outcome": self.outcome,
            **{name: value for name, value in optional.items() if value not in ("", None)},
        }

    def as_value(self) -> str:
        """The value of the tag, at most LONGEST_VALUE characters. A long reason is cut."""
        reason = " ".join(self.reason.split())[:LONGEST_REASON]
        while True:
            value = json.dumps(self.as_json() | {"reason": reason}, ensure_ascii=False)
            if len(value) <= LONGEST_VALUE or not reason:
                return value
            # Quotes and backslashes take two characters each.
            reason = reason[: -max(1, (len(value) - LONGEST_VALUE) // 2)]

    def ended(self, ended: Ended, timeout: float) -> "Decision":
        """The decision after the end of its run."""
        return dataclasses.replace(self, seconds=ended.seconds, **_outcome(ended, timeout))


def parse(key: str, value: str) -> Decision | None:
    """The decision in a tag; None for another tag, and for a tag that cannot be read."""
    if not key.startswith(RETRAINING_PREFIX):
        return None
    try:
        told = json.loads(value)
        seconds = told.get("seconds")
        return Decision(
            datetime.datetime.fromisoformat(told["at"]).astimezone(datetime.UTC),
            str(told["trigger"]),
            str(told["reason"]),
            str(told["outcome"]),
            str(told.get("version", "")),
            str(told.get("runId", "")),
            None if seconds is None else float(seconds),
            str(told.get("alert", "")),
            int(told.get("count", 1)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _outcome(ended: Ended, timeout: float) -> dict[str, str]:
    """Outcome and reason; for a model also its version and run.

    A result counts, whatever came after it: the trainer prints it when everything is registered.
    """
    if ended.code == 0 and ended.result is not None:
        try:
            return _told(ended.result)
        except (KeyError, TypeError) as error:
            return {"outcome": FAILED, "reason": f"the trainer's result is not as agreed: {error!r}"}
    if ended.stopped:
        return {"outcome": INTERRUPTED, "reason": "the service was stopped"}
    if ended.timed_out:
        return {"outcome": TIMEOUT, "reason": f"not done within TRAINING_TIMEOUT, {timeout:g} s"}
    if ended.code == 0:
        return {"outcome": FAILED, "reason": "the trainer printed no result"}
    if ended.code == SUPERSEDED:
        return {"outcome": INTERRUPTED, "reason": "a later attempt at training took over"}
    return {"outcome": FAILED, "reason": f"exit code {ended.code}: {ended.last_words}"}


def _told(result: dict[str, Any]) -> dict[str, str]:
    version, gate = str(result["version"]), result["gate"]
    came = {"version": version, "run_id": str(result["attemptRunId"])}
    if result["reproduced"]:
        return {**came, "outcome": REPRODUCED, "reason": f"the same model as version {version}"}
    reasons = "; ".join(map(str, gate["reasons"]))
    if gate["passed"]:
        warned = f"; the gate warned: {reasons}" if reasons else ""
        return {**came, "outcome": PASSED, "reason": f"version {version} may be deployed{warned}"}
    return {**came, "outcome": REFUSED, "reason": reasons}


def _iso(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
