"""The line of a session: who waits, and moving somebody in it."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.registration.actions.lines import move_in_line
from events_app.registration.actions.sessions import own_session
from events_app.registration.forms import LineForm
from events_app.registration.queries import lines as queries
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number

_PAGE = 50


class LineController(Controller):
    """Rows of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}/line"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        paging = Paging(f"/manage/sessions/{code}/line", page_number(request), _PAGE, session.waiting)
        return page(
            request,
            "registration/line.html",
            session=session,
            line=await queries.list_line(session.id, _PAGE, paging.offset),
            paging=paging,
            head=await queries.count_head(session.id),
            asked=await queries.list_asked(session.id),
            moves=await queries.list_moves(session.code, session.organization),
        )

    @get("/{seat:str}")
    async def edit(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response:
        return await _form(request, code, seat, {"to": "position"}, {})

    @post("/{seat:str}")
    async def update(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Response | Redirect:
        sent = await request.form()
        try:
            await move_in_line(request.user, code, number(seat, 0, digits=18), read_form(LineForm, sent))
        except (BadForm, Invalid) as bad:
            return await _form(request, code, seat, dict(sent), bad.errors)
        except Refused as refused:
            return await _form(request, code, seat, dict(sent), refused.errors, 409)
        return see_other(f"/manage/sessions/{code}/line")


async def _form(
    request: Request, code: str, seat: str, values: dict[str, Any], errors: dict[str, str], status: int = 0
) -> Response:
    session = await own_session(request.user, code)
    row = await queries.find_in_line(session.id, number(seat, 0, digits=18))
    if row is None:
        raise NotFound
    status = status or (422 if errors else 200)
    shown = {"session": session, "row": row, "values": values, "errors": errors}
    return page(request, "registration/line_form.html", status, **shown)
