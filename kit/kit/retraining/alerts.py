"""Alertmanager's webhook: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

# Alertmanager sends all alerts of a group at once. A body has hundreds of bytes an alert.
MOST_ALERTS = 1000
LONGEST_REASON = 300


class Malformed(ValueError):
    """The body is no webhook of Alertmanager. The message has the place and the reason."""


class Alert(BaseModel):
    """One alert. It keeps `fingerprint` and `startsAt` as long as it fires, in each delivery."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    starts_at: Annotated[AwareDatetime, Field(alias="startsAt")]
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]

    @property
    def identity(self) -> str:
        """The same for every delivery of the alert."""
        return f"{self.fingerprint}@{self.starts_at.isoformat()}"


class Webhook(BaseModel):
    """The body. Its other parts do not matter here."""

    version: Literal["4"]
    alerts: Annotated[list[Alert], Field(max_length=MOST_ALERTS)]


def parse(body: bytes) -> Webhook:
    """Read the body of a webhook.

    Raises
    ------
    Malformed
    """
    try:
        return Webhook.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise Malformed(f"{place}: {first['msg']}"[:LONGEST_REASON]) from error


def asking(webhook: Webhook, names: Sequence[str]) -> list[Alert]:
    """The firing alerts with one of the names."""
    return [
        alert
        for alert in webhook.alerts
        if alert.status == "firing" and alert.labels.get("alertname") in names
    ]
