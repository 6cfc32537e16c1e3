"""Registering by script, and reading a session's seats."""

from datetime import datetime

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery

from events_app.accounts.guards import bearer, gate_staff, remembered_bearer
from events_app.accounts.rules import AT_THE_GATE
from events_app.lib import codes
from events_app.lib.clock import local
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.programmes.queries.sessions import find_own_session
from events_app.registration import queries
from events_app.registration.actions import taking as actions
from events_app.registration.forms import RegistrationBody
from events_app.registration.queries import AttendeeRow, SeatTaken
from events_app.registration.tables import SeatState
from events_app.web.api import read_json, takes
from events_app.web.paging import number

_MOST = 200
_KEY = "Makes a repetition harmless: the same key with the same body gets the first answer again"


class Registered(msgspec.Struct, omit_defaults=True):
    """`ticket` is what the QR holds after /t/; `position` counts from 1 on the waiting list."""

    ticket: str
    state: SeatState
    position: int | None = None


class SeatItem(msgspec.Struct):
    seat: int
    name: str
    phone: str
    unit: str
    state: SeatState
    joined_at: datetime
    attended_at: datetime | None
    evidence: str | None


class SeatList(msgspec.Struct):
    """`next` is the `after` of the next page, or null on the last one."""

    items: list[SeatItem]
    next: str | None


class RegistrationApi(Controller):
    """The statement that finds the session checks token and role again."""

    path = "/api/v1"
    guards = (remembered_bearer, gate_staff)
    tags = ("registration",)

    @post(
        "/registrations",
        summary="Register a person for a session",
        operation_class=takes(RegistrationBody, headers={"Idempotency-Key": _KEY}),
    )
    async def create(self, request: Request) -> Response[Registered]:
        key = request.headers.get("idempotency-key")
        if key is not None and not (0 < len(key) <= 255 and key.isprintable()):
            raise Invalid({"Idempotency-Key": _("请使用1到255个可见字符。")})
        body = await read_json(RegistrationBody, request)
        signer = codes.signer(request.app.state.settings.secret_key)
        seat = await actions.register_by_script(request.user, body, key, signer)
        return Response(_registered(seat), status_code=201 if seat.created else 200)


class SeatApi(Controller):
    path = "/api/v1"
    guards = (bearer,)
    tags = ("registration",)

    @get("/sessions/{code:str}/seats", summary="Who holds a seat in a session, in order of joining")
    async def seats(
        self, request: Request, code: FromPath[str], after: FromQuery[str] = "", limit: FromQuery[str] = ""
    ) -> SeatList:
        session = await find_own_session(code, request.user.organizations(AT_THE_GATE))
        if session is None:
            raise NotFound(_("没有这个场次，或者它不属于您的组织。"), "unknown_session")
        most = min(max(number(limit, _MOST), 1), _MOST)
        rows = await queries.list_attendees_after(session.id, number(after, 0, digits=18), most + 1)
        more = len(rows) > most
        return SeatList([_item(row) for row in rows[:most]], str(rows[most - 1].seat) if more else None)


def _registered(seat: SeatTaken) -> Registered:
    return Registered(codes.ticket_text(seat.ticket, seat.signature), seat.state, seat.position)


def _item(row: AttendeeRow) -> SeatItem:
    attended_at = row.attended_at and local(row.attended_at)
    return SeatItem(
        row.seat, row.name, row.phone, row.unit, row.state, local(row.joined_at), attended_at, row.evidence
    )
