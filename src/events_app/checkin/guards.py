"""Who stands at a door: staff who are logged in, or a device that an organiser made a gate.

A file of its own beside the six, as in accounts: several controllers need it.
"""

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler

from events_app.accounts.rules import AT_THE_GATE, Me
from events_app.checkin.actions.gates import note_seen
from events_app.checkin.queries.sessions import (
    Doorkeeper,
    GateSession,
    find_gate_session,
    list_closed_gates,
    list_open_gates,
)
from events_app.checkin.rules.gates import check_gates
from events_app.lib import clock, codes
from events_app.lib.errors import Forbidden, LoginNeeded, NotFound
from events_app.lib.language import gettext as _

_KEEPER = "doorkeeper"
_YEAR = 366 * 86400  # seconds; how long the gate is valid is the gate's own


async def at_the_door(connection: ASGIConnection, _handler: BaseRouteHandler) -> None:
    """Gate staff or a device that is, or was, a gate. Which doors are theirs is part of each query."""
    me = connection.scope.get("user")
    secret = gate_secret(connection)
    gates = await list_open_gates(codes.digest(secret)) if secret else []
    await note_seen(gates)
    staff = isinstance(me, Me) and me.stands_at_gate
    if not staff and not gates:
        raise Forbidden if isinstance(me, Me) else LoginNeeded
    connection.scope[_KEEPER] = Doorkeeper(  # type: ignore[literal-required]
        me.account if staff else None, me.organizations(AT_THE_GATE) if staff else [], gates
    )


def doorkeeper(request: Request) -> Doorkeeper:
    keeper = request.scope.get(_KEEPER)
    if not isinstance(keeper, Doorkeeper):
        raise ImproperlyConfiguredException("this route lacks the guard at_the_door")
    return keeper


async def door_session(request: Request, code: str) -> GateSession:
    """The session at whose door they stand; raises NotFound where it is not theirs.

    A device that was its gate, or will be, is told so: Forbidden, with the reasons of rules.gates.
    """
    keeper = doorkeeper(request)
    session = await find_gate_session(code, keeper)
    if session is None:
        check_gates(await list_closed_gates(code, [gate.id for gate in keeper.gates]), clock.now())
        raise NotFound(_("没有这个场次，或者您的账号不能在此签到。"), "unknown_session")
    return session


def gate_secret(connection: ASGIConnection) -> str:
    """ "" of a device that is no gate."""
    return connection.cookies.get(_cookie_name(connection), "")


def remember_gate(request: Request, secret: str) -> Cookie:
    return Cookie(
        key=_cookie_name(request),
        value=secret,
        max_age=_YEAR,
        secure=request.app.state.settings.https,
        httponly=True,
        samesite="lax",
    )


def _cookie_name(connection: ASGIConnection) -> str:
    return "__Host-gate" if connection.app.state.settings.https else "events_gate"
