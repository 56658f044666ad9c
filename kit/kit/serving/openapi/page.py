"""The page at /docs: the OpenAPI document as plain HTML, without scripts, so it works without internet."""

from html import escape
from typing import Any

import orjson

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code, pre { font: 14px/1.45 ui-monospace, monospace; background: #f4f4f2; border-radius: 4px }
code { padding: 0 .25em } pre { padding: .75rem; overflow-x: auto }
h2 { margin-top: 2.5rem; border-top: 1px solid #ddd; padding-top: 1rem }
.method { color: #fff; background: #35627f; border-radius: 4px; padding: 0 .5em; margin-right: .5em }
details { margin: .5rem 0 }
"""


def render(document: dict[str, Any]) -> str:
    """An OpenAPI document as one HTML page."""
    info = document["info"]
    schemas = document.get("components", {}).get("schemas", {})
    operations = [
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    models = [
        f'<h3 id="{escape(name)}">{escape(name)}</h3><pre>{_json(schema)}</pre>'
        for name, schema in schemas.items()
    ]
    title = escape(info["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>"
        f"<body><h1>{title}</h1><p>{escape(info.get('description', ''))} "
        f"Model version {escape(info['version'])}. "
        '<a href="openapi.json">openapi.json</a> is this page for programs.</p>'
        f"{''.join(operations)}<h2>Schemas</h2>{''.join(models)}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    described = operation.get("description") or ""
    parts = [
        f'<h2><span class="method">{escape(method.upper())}</span>{escape(path)}</h2>',
        f"<p>{escape(operation.get('summary', ''))}</p><p>{escape(described)}</p>",
    ]
    if "requestBody" in operation:
        parts.append(f"<p>Body</p>{_contents(operation['requestBody']['content'])}")
    for status, response in operation["responses"].items():
        parts.append(
            f"<details{' open' if status == '200' else ''}><summary><code>{escape(status)}</code> "
            f"{escape(response['description'])}</summary>{_contents(response.get('content', {}))}</details>"
        )
    return "".join(parts)


def _contents(contents: dict[str, Any]) -> str:
    items = [f"<li><code>{escape(kind)}</code> {_schema(content)}</li>" for kind, content in contents.items()]
    return f"<ul>{''.join(items)}</ul>"


def _schema(content: dict[str, Any]) -> str:
    schema = content.get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    text = f'<a href="#{escape(name)}">{escape(name)}</a>' if name else escape(schema.get("description", ""))
    return text + (f"<pre>{escape(content['example'])}</pre>" if "example" in content else "")


def _json(schema: dict[str, Any]) -> str:
    return escape(orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode())
