"""Who is asking, and whether they may: the middleware that finds out and the guards that routes name.

A file of its own beside the six, because every slice's controllers need it and none may import another's.
"""

from time import monotonic

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult

from events_app.accounts import actions, queries
from events_app.accounts.rules import Me
from events_app.lib import clock, codes
from events_app.lib.errors import Forbidden, LoginNeeded

_NOTE_EVERY = 60  # seconds between two notes that a login is in use
_REMEMBERED_FOR = 5.0  # seconds
_MOST_REMEMBERED = 1000
_NOBODY = AuthenticationResult(user=None, auth=None)
_remembered: dict[str, tuple[Me | None, float]] = {}


class WhoIsAsking(AbstractAuthenticationMiddleware):
    """Puts a Me or None into scope["user"]. Strangers cost no query."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:
        # Parsing no cookies takes longer than seeing that there are none.
        if not any(name == b"cookie" for name, _value in connection.scope["headers"]):
            return _NOBODY
        secret = connection.cookies.get(login_cookie(connection))
        return AuthenticationResult(user=await _logged_in(secret), auth=None) if secret else _NOBODY


def login_cookie(connection: ASGIConnection) -> str:
    """Browsers keep a __Host- cookie from being planted by a neighbour; it exists only over TLS."""
    return "__Host-login" if connection.app.state.settings.https else "events_login"


async def staff(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:
    """Anybody who is logged in."""
    _me(connection)


async def organizer(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:
    """Who organises for at least one organization; which rows are theirs is part of each query."""
    if not _me(connection).organizes:
        raise Forbidden


async def gate_staff(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:
    if not _me(connection).stands_at_gate:
        raise Forbidden


async def bearer(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:
    """A valid API token; its account becomes the user."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    me = await queries.find_token(codes.digest(secret)) if scheme.lower() == "bearer" and secret else None
    if me is None:
        raise LoginNeeded
    connection.scope["user"] = me


async def remembered_bearer(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    """Like `bearer`, but asks only every few seconds: for routes whose own statement checks token and role again."""
    header = connection.headers.get("authorization", "")
    now = monotonic()
    me, until = _remembered.get(header, (None, 0.0))
    if me and now < until:
        connection.scope["user"] = me
        return
    await bearer(connection, handler)
    if len(_remembered) >= _MOST_REMEMBERED:
        _remembered.clear()
    _remembered[header] = (connection.scope["user"], now + _REMEMBERED_FOR)


def _me(connection: ASGIConnection) -> Me:
    me = connection.scope.get("user")
    if not isinstance(me, Me):
        raise LoginNeeded
    return me


async def _logged_in(secret: str) -> Me | None:
    found = await queries.find_login(codes.digest(secret))
    if found is None:
        return None
    me, seen_at = found
    if (clock.now() - seen_at).total_seconds() > _NOTE_EVERY:
        await actions.keep_awake(me.credential)
    return me
