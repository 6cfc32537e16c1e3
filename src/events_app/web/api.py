"""JSON in: a body into a Struct, read like a form."""

from typing import TypeVar

import msgspec
from litestar import Request

from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.web.forms import read_values

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
