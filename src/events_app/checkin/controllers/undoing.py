"""An organiser takes back that somebody came."""

from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.actions.undoing import counted_comings, undo_attendance
from events_app.checkin.forms.rosters import UntickForm
from events_app.checkin.queries.rosters import Line, find_line
from events_app.checkin.queries.sessions import Doorkeeper, find_gate_session
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.registration.actions.sessions import own_session
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import local_path, page, see_other
from events_app.web.paging import row_id


class UndoController(Controller):
    """Of other organizations' sessions, and of people of other sessions, there is nothing to take back."""

    path = "/manage/sessions/{code:str}/seats/{seat:str}/undo"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def edit(
        self, request: Request, code: FromPath[str], seat: FromPath[str], back: FromQuery[str] = ""
    ) -> Response:
        _hand, line = await _held(request, code, seat)
        return await _page(request, code, line, {"back": back}, {})

    @post("/")
    async def remove(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response | Redirect:
        hand, line = await _held(request, code, seat)
        form = await request.form()
        back = str(form.get("back", ""))
        try:
            sent = read_form(UntickForm, form)
        except BadForm as bad:
            return await _page(request, code, line, {**bad.values, "back": back}, bad.errors)
        await undo_attendance(hand, line, sent.nonce, sent.reason)
        return see_other(_back(code, back))


async def _held(request: Request, code: str, seat: str) -> tuple[Hand, Line]:
    me = request.user
    session = await find_gate_session(code, Doorkeeper(me.account, me.organizations(ORGANIZING), []))
    line = await find_line(session.id, row_id(seat)) if session else None
    if session is None or line is None:
        raise NotFound(_("这个人不在本场名单上，或者已经取消。"), "unknown")
    return Hand(session, me.account, organiser=True), line


async def _page(
    request: Request, code: str, line: Line, values: dict[str, str], errors: dict[str, str]
) -> Response:
    return page(
        request,
        "checkin/undo.html",
        422 if errors else 200,
        session=await own_session(request.user, code),
        line=line,
        comings=await counted_comings(line.seat),
        address=_back(code, values.get("back", "")),
        values=values,
        errors=errors,
        nonce=uuid4().hex[:30],
    )


def _back(code: str, address: str) -> str:
    """The page of this session that led here."""
    own = f"/manage/sessions/{code}"
    path = local_path(address, own)
    return path if path.startswith((f"{own}/", f"{own}?")) else own
