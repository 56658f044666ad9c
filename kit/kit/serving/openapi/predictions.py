"""OpenAPI of the endpoints that take rows, which FastAPI does not know, and of all endpoints' errors."""

from collections.abc import Container
from typing import Any

from kit.serving.explaining.explainer import MOST_TOLD
from kit.serving.handler import FileReader, Request
from kit.serving.model import ServedModel
from kit.serving.settings import Settings
from kit.serving.upload import FILE_FIELD, csv_header

ERROR_DESCRIPTIONS = {
    "400": "The body is not JSON, or not a form",
    "401": "Of the gateway: a request without the name and the password",
    "408": "The body does not arrive in time",
    "409": "The answers of this model version cannot be explained; `message` says why",
    "413": "The body is too large",
    "415": "The content type is another",
    "422": "The body is not what the schema says; `field` names the place",
    "500": "The service failed; its log has more",
    "503": "Too many large bodies arrive at once; send it again later",
}
PREDICT_ERRORS = ("400", "413", "415", "422")
# Only bodies that may arrive slowly have a time limit, and a limit for all bodies together.
BATCH_ERRORS = (*PREDICT_ERRORS, "408", "503")
EXPLAIN_ERRORS = (*PREDICT_ERRORS, "409")
# For every path. The gateway lets everybody see whether the service lives.
COMMON_ERRORS = ("401", "500")
OPEN_PATH = "/health"


def add_predictions(document: dict[str, Any], model: ServedModel, settings: Settings) -> None:
    """Add /predict, /batch_predict and /explain, with this model's rows and outputs, to a document."""
    document.setdefault("components", {}).setdefault("schemas", {}).update(_schemas(model, settings))
    request, files, task = model.handler.request, model.handler.files, model.task
    bodies = {"application/json": _ref("BatchRequest")}
    answers = {"application/json": _ref("BatchResponse")}
    what = f"up to {settings.max_batch} {request.fields}"
    if files is not None:
        bodies["multipart/form-data"] = _ref(files.form)
        bodies["application/octet-stream"] = {"schema": _binary(files)}
        example = csv_header(files.columns, model.task)
        answers["text/csv"] = {"schema": {"type": "string"}, "example": example}
        what += f", or a {files.format} file"
    document["paths"] = {
        "/predict": {
            "post": _operation(
                "predict",
                f"{task.verb} one {request.field}",
                task.told,
                {"application/json": _ref(_row_name(request))},
                {"application/json": _ref("Prediction")},
                PREDICT_ERRORS,
            )
        },
        "/batch_predict": {
            "post": _operation(
                "batch_predict",
                f"{task.verb} {what}; at most {settings.max_body_bytes} bytes",
                task.told,
                bodies,
                answers,
                BATCH_ERRORS,
            )
        },
        "/explain": {
            "post": _operation(
                "explain",
                f"Explain the answer for one {request.field}",
                "The answer of /predict, and the features with the largest effects on it",
                {"application/json": _ref(_row_name(request))},
                {"application/json": _ref("Explained")},
                EXPLAIN_ERRORS,
            )
        },
        **document["paths"],
    }


def add_common_errors(document: dict[str, Any]) -> None:
    """Add the errors of each operation. The schemas of the predictions must be there already."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"] |= _errors(COMMON_ERRORS if path != OPEN_PATH else ("500",))


def error(description: str) -> dict[str, Any]:
    """A response with the JSON body that each error has."""
    return {"description": description, "content": {"application/json": _ref("Error")}}


def _operation(
    name: str,
    summary: str,
    told: str,
    request: dict[str, Any],
    response: dict[str, Any],
    errors: Container[str],
) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": ["predictions"],
        "summary": summary,
        "requestBody": {"required": True, "content": request},
        "responses": {"200": {"description": told, "content": response}, **_errors(errors)},
    }


def _errors(statuses: Container[str]) -> dict[str, Any]:
    """Responses by status. The gateway's own responses are no JSON."""
    return {
        status: {"description": text} if status == "401" else error(text)
        for status, text in ERROR_DESCRIPTIONS.items()
        if status in statuses
    }


def _schemas(model: ServedModel, settings: Settings) -> dict[str, Any]:
    request, files = model.handler.request, model.handler.files
    rows = {"type": "array", "items": request.schema, "minItems": 1, "maxItems": settings.max_batch}
    prediction = model.task.schema
    version = {"type": "string", "description": "The model version that answered", "example": model.version}
    return {
        _row_name(request): _object({request.field: request.schema}),
        "BatchRequest": _object({request.fields: rows}),
        **({} if files is None else {files.form: _object({FILE_FIELD: _binary(files)})}),
        "Prediction": _object({**prediction, "version": version}),
        "BatchResponse": _object(
            {"predictions": {"type": "array", "items": _object(prediction)}, "version": version}
        ),
        "Explained": _object(
            {**prediction, "version": version, "explanation": _explanation(model.task.explained_schema)}
        ),
        "Error": _object(
            {"error": _object({name: {"type": "string"} for name in ("kind", "field", "message")})}
        ),
    }


def _explanation(explained: dict[str, Any]) -> dict[str, Any]:
    unknown = {"type": ["number", "null"]}
    feature = _object(
        {
            "name": {"type": "string"},
            "value": {**unknown, "description": "The row's; null if it is not finite"},
            "reference": {"type": "number", "description": "The median of the training data"},
            "effect": {
                **unknown,
                "description": "The output, minus the output if only this feature had the reference's value; "
                "null if that is not finite",
            },
        }
    )
    features = {
        "type": "array",
        "items": feature,
        "maxItems": MOST_TOLD,
        "description": "Largest absolute effect first",
    }
    count = {"type": "integer", "description": "The number of all features of the model"}
    return _object({**explained, "feature_count": count, "features": features})


def _row_name(request: Request) -> str:
    return f"{request.field.capitalize()}Request"


def _binary(files: FileReader) -> dict[str, Any]:
    return {"type": "string", "format": "binary", "description": files.format}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _ref(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}
