"""An organiser's view of one session: who is registered, changing it, calling it off."""

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib import clock
from events_app.programmes.queries.invitations import list_asked
from events_app.programmes.rules.invitations import is_askable
from events_app.registration import queries
from events_app.registration.actions import decisions as actions
from events_app.registration.actions import sessions
from events_app.registration.actions.answers import what_is_asked
from events_app.registration.actions.retention import retention_of
from events_app.registration.queries.changes import list_history
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, page_number, row_id

_PAGE = 50


class AttendeeController(Controller):
    """Rows of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str], words: FromQuery[str] = "") -> Response:
        session = await sessions.own_session(request.user, code)
        words = words.strip()[:50]
        tally = await queries.tally(session.id, words)
        query = (("words", words),) if words else ()
        paging = Paging(f"/manage/sessions/{code}", page_number(request), _PAGE, tally.matching, query)
        attendees = await queries.list_attendees(session.id, words, _PAGE, paging.offset)
        return page(
            request,
            "registration/attendees.html",
            session=session,
            tally=tally,
            attendees=attendees,
            paging=paging,
            words=words,
            asked=await list_asked(session.id),
            inviting=is_askable(session, clock.now()),
            asking=await what_is_asked(session.code),
            retention=await retention_of(session.activity),
            history=await list_history(session.code, session.organization),
        )

    @post("/seats/{seat:str}/confirmation")
    async def confirm(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Redirect:
        await actions.confirm(request.user, code, row_id(seat))
        return see_other(f"/manage/sessions/{code}")

    @post("/seats/{seat:str}/refusal")
    async def decline(self, request: Request, code: FromPath[str], seat: FromPath[str]) -> Redirect:
        await actions.decline(request.user, code, row_id(seat))
        return see_other(f"/manage/sessions/{code}")
