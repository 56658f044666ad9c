"""A trainer of a table with two columns, which gives the service no more than it must."""

from pathlib import Path

import numpy as np
import orjson
from pydantic import BaseModel

from kit.registry.model_code import ModelCode
from kit.server.errors import RequestError
from kit.serving.app import Service
from kit.serving.handler import Request
from kit.serving.model import ServedModel
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
        return customer(row.tolist())

    def _rows(self, customers):
        try:
            return np.array([[each[name] for name in COLUMNS] for each in customers], np.float32)
        except KeyError as error:
            raise RequestError(422, "invalid_input", str(error.args[0]), "missing") from None


TRAINER = Trainer(
    code=ModelCode(Path(__file__).parent, frozenset(), ()), settings=Settings, handler=Customers
)
VARIABLES = {
    "MLFLOW_TRACKING_URI": "http://localhost:1",
    "MODEL_NAME": "Customers",
    "MODEL_VERSION": "4",
    "MODEL_SHA256": "0" * 64,
    "ENVIRONMENT": "dev",
}


class Lines:
    """Files with a customer a line."""

    format = "CSV"
    form = "CustomerFile"
    name = "customers.csv"
    columns = ("customer", "region")

    def open(self, folder):
        """The rows of the file, in pieces of three."""
        lines = (folder / self.name).read_text().splitlines()
        self._rows = np.array([line.split(",") for line in lines], np.float32)
        return self

    def chunks(self):
        """Pieces with the number of each line."""
        for start in range(0, len(self._rows), 3):
            rows = self._rows[start : start + 3]
            yield [f"{start + place},north" for place in range(len(rows))], rows


def customer(row):
    """A row (2,) as a request has it."""
    return dict(zip(COLUMNS, row, strict=True))


def served(pipeline, **facts):
    """A service of version 4. `facts` are those of `ServedModel.of`, or attributes of the handler."""
    settings = TRAINER.settings.from_environment(VARIABLES)
    handler = TRAINER.handler(pipeline, "Customers version 4", settings)
    for name in facts.keys() & {"files", "n_values", "probabilities"}:
        setattr(handler, name, facts.pop(name))
    facts = {"details": {}, **facts}
    model = ServedModel.of(pipeline, handler, "Customers", "4", settings.model_sha256, **facts)
    return Service(model, settings)
