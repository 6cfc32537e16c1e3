"""What every request passes, whatever answers it: id, language, origin, headers, log, metrics.

A plain ASGI layer around Litestar, so that even a wrong address or a crash has an id, is logged and counted.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager
from http.cookies import CookieError, SimpleCookie
from secrets import token_hex
from time import perf_counter
from typing import Any

import structlog
from litestar import Litestar

from events_app.lib.language import LANGUAGES, current
from events_app.lib.request_context import address, request_id
from events_app.web import metrics
from events_app.web.errors import described
from events_app.web.security import is_cross_site

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LANGUAGE_COOKIE = "language"
_GONE = 499  # as nginx writes it: the browser went away before there was an answer
_log = structlog.get_logger("request")


class Edge:
    """The outermost application."""

    def __init__(self, inner: Litestar, headers: dict[str, str], policy: str) -> None:
        self.inner: Any = inner
        self._policy = policy.encode()
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        return self.inner.lifespan()  # type: ignore[no-any-return]

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        began = perf_counter()
        request_id.set(token_hex(8))
        address.set(scope["client"][0] if scope.get("client") else "")
        answer = _Answer(send, self._headers, self._policy, head=scope["method"] == "HEAD")
        try:
            await self._pass_on(scope, receive, answer)
        except Exception as error:
            _log.exception("failed", request_id=request_id.get(), exc_info=error)
            if answer.started:
                raise  # the server cuts the connection, so that nobody takes half an answer for a whole one
            await answer.apologize(error)
        finally:
            _record(scope, answer.status, perf_counter() - began)

    async def _pass_on(self, scope: Any, receive: Receive, answer: "_Answer") -> None:
        headers = dict(scope["headers"])
        current.set(_language(headers))
        if answer.head:
            scope["method"] = "GET"
        if is_cross_site(scope["method"], headers):
            scope["cross_site"] = True
        await self.inner(scope, receive, answer)


class _Answer:
    """Adds our headers to the answer on its way out, and leaves the body away for HEAD."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]], policy: bytes, *, head: bool) -> None:
        self._send, self._headers, self._policy, self.head = send, headers, policy, head
        self.status = _GONE
        self.started = False

    async def apologize(self, error: Exception) -> None:
        """In plain words, when even the page that says so could not be made."""
        status, _reason, sentence, _facts = described(error)
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": sentence.encode()})

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.started = True
            own = list(message["headers"])
            own += self._headers
            own.append((b"x-request-id", request_id.get().encode()))
            if not any(name == b"content-security-policy" for name, _ in own):
                own.append((b"content-security-policy", self._policy))
            message["headers"] = own
        elif self.head:
            message["body"] = b""
        await self._send(message)


def _record(scope: Any, status: int, seconds: float) -> None:
    route = scope.get("path_template") or "-"
    metrics.count(scope["method"], route, status, seconds)
    _log.info(
        "answered",
        request_id=request_id.get(),
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        account=getattr(scope.get("user"), "account", None),
    )


def _language(headers: dict[bytes, bytes]) -> str:
    """Chinese unless this browser chose otherwise."""
    raw = headers.get(b"cookie", b"")
    if LANGUAGE_COOKIE.encode() not in raw:
        return "zh"
    try:
        chosen = SimpleCookie(raw.decode("latin-1")).get(LANGUAGE_COOKIE)
    except CookieError:
        return "zh"
    return chosen.value if chosen and chosen.value in LANGUAGES else "zh"
