"""A trainer of a table with two columns, which gives the service no more than it must."""

from pathlib import Path

import numpy as np
import orjson
from pydantic import BaseModel

from kit.registry.model_code import ModelCode
from kit.server.errors import RequestError
from kit.serving.handler import Request
from kit.serving.probabilities import stepwise
from kit.serving.settings import Settings
from kit.serving.trainer import Trainer

COLUMNS = ("age", "income")


class Facts(BaseModel):
    """What only this trainer knows."""

    columns: list[str]


class Customers:
    """Objects with the columns' names."""

    title = "Customers"
    description = "Tells who leaves."
    n_values = len(COLUMNS)
    feature_names = COLUMNS
    files = quality = None
    most_bytes = 1000
    facts = Facts(columns=list(COLUMNS))
    request = Request(
        field="customer",
        fields="customers",
        schema={"type": "object", "properties": {name: {"type": "number"} for name in COLUMNS}},
        sample_type=dict[str, float],
        sample="A customer of the training.",
    )

    def __init__(self, pipeline, what, settings):
        self.probabilities = stepwise(pipeline)
        self.parser = self

    def one(self, body):
        """The row of {"customer": {...}}."""
        return self._rows([orjson.loads(body)["customer"]])

    def many(self, body, rows):
        """The rows of {"customers": [{...}]}."""
        customers = orjson.loads(body)["customers"]
        for start in range(0, len(customers), rows):
            yield self._rows(customers[start : start + rows])

    def as_json(self, row):
        """A row as an object."""
        return dict(zip(COLUMNS, row.tolist(), strict=True))

    def _rows(self, customers):
        try:
            return np.array([[each[name] for name in COLUMNS] for each in customers], np.float32)
        except KeyError as error:
            raise RequestError(422, "invalid_input", str(error.args[0]), "missing") from None


TRAINER = Trainer(
    code=ModelCode(Path(__file__).parent, frozenset(), ()), settings=Settings, handler=Customers
)
