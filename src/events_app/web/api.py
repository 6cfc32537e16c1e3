"""JSON in: a body into a Struct, read like a form; and what the API's description says about it."""

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody

from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.web.forms import read_values, required_names

T = TypeVar("T", bound=msgspec.Struct)


async def read_json(kind: type[T], request: Request) -> T:
    """The body as `kind`; raises Invalid for what does not fit."""
    body = await read_any(request)
    if not isinstance(body, dict):
        raise Invalid({"body": _("请发送一个JSON对象。")})
    return read_values(kind, body)


async def read_any(request: Request) -> object:
    """The body as plain values; raises Invalid for what is no JSON, or JSON nested beyond reason."""
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid({"body": _("这不是有效的JSON。")}) from None


def takes(
    kind: type[msgspec.Struct], *, at_most: int | None = None, headers: dict[str, str] | None = None
) -> type[Operation]:
    """For a route's `operation_class`: its body is a `kind`, or a list of `at_most` of them.

    Our routes read their bodies themselves, so Litestar cannot know. `headers` are optional ones, with what they do.
    """
    one = _schema(kind)
    schema: Any = one if at_most is None else {"type": "array", "items": one, "maxItems": at_most}
    text: Any = {"type": "string"}
    further = [
        Parameter(name, "header", schema=text, description=does) for name, does in (headers or {}).items()
    ]

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            content = {"application/json": OpenAPIMediaType(schema=schema)}
            self.request_body = RequestBody(content=content, required=True)
            self.parameters = [*(self.parameters or []), *further] or None

    return Described


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema of a body, its enums written out in place."""
    (_ref,), named = msgspec.json.schema_components([kind], ref_template="{name}")
    body: dict[str, Any] = named[kind.__name__]
    properties = {name: named.get(part.get("$ref"), part) for name, part in body["properties"].items()}
    return body | {"properties": properties, "required": required_names(kind), "additionalProperties": False}
