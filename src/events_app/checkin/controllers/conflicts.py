"""Where an organiser looks at strange scans."""

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING, Me
from events_app.checkin.actions import conflicts as actions
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.queries.conflicts import count_conflicts, list_conflicts
from events_app.checkin.queries.sessions import Doorkeeper, find_gate_session
from events_app.lib.errors import NotFound
from events_app.registration.actions.sessions import own_session
from events_app.web.pages import page, see_other
from events_app.web.paging import row_id

_SHOWN = 200


class ConflictController(Controller):
    """For organisers only; those of other organizations find nothing."""

    path = "/manage/sessions/{code:str}/conflicts"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        return page(
            request,
            "checkin/conflicts.html",
            session=session,
            waiting=await count_conflicts(session.id),
            conflicts=await list_conflicts(session.id, _SHOWN, open=True),
            settled=await list_conflicts(session.id, _SHOWN, open=False),
        )

    @post("/{scan:str}/settlement")
    async def settle(self, request: Request, code: FromPath[str], scan: FromPath[str]) -> Redirect:
        session = await own_session(request.user, code)
        await actions.settle(request.user, session, row_id(scan))
        return _back(code)

    @post("/{scan:str}/refusal")
    async def decline(self, request: Request, code: FromPath[str], scan: FromPath[str]) -> Redirect:
        session = await own_session(request.user, code)
        await actions.settle(request.user, session, row_id(scan), "scan.declined")
        return _back(code)

    @post("/{scan:str}/confirmation")
    async def confirm(self, request: Request, code: FromPath[str], scan: FromPath[str]) -> Redirect:
        session = await own_session(request.user, code)
        await actions.confirm(request.user, session, await _hand(request.user, code), row_id(scan))
        return _back(code)


async def _hand(me: Me, code: str) -> Hand:
    session = await find_gate_session(code, Doorkeeper(me.account, me.organizations(ORGANIZING), []))
    if session is None:
        raise NotFound
    return Hand(session, me.account, organiser=True)


def _back(code: str) -> Redirect:
    return see_other(f"/manage/sessions/{code}/conflicts")
