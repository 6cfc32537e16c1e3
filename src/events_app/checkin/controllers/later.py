"""Where an organiser adds afterwards that somebody came."""

from typing import Any
from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.checkin.actions.later import add_later
from events_app.checkin.actions.rosters import search
from events_app.checkin.forms.later import LaterForm
from events_app.checkin.queries.later import list_added
from events_app.checkin.queries.rosters import count_lines, list_lines
from events_app.checkin.queries.sheets import welcomes_walk_ins
from events_app.checkin.rules.later import check_begun, usual_coming
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.lib import clock
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.queries.sessions import SessionRow
from events_app.registration.actions.sessions import own_session
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number

_PAGE = 50
_ADDED = 200


class LaterController(Controller):
    """For organisers only; those of other organizations find nothing."""

    path = "/manage/sessions/{code:str}/later"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        session = await own_session(request.user, code)
        values = {"at": clock.field_text(usual_coming(session)), "nonce": uuid4().hex, "seat": []}
        return await _page(request, session, values)

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        session = await own_session(request.user, code)
        form = await request.form()
        values = {**dict(form), "seat": form.getall("seat", [])}
        try:
            added = await add_later(request.user, session, read_form(LaterForm, form))
        except (BadForm, Invalid) as bad:
            return await _page(request, session, values, bad.errors)
        except Refused as refused:
            return await _page(request, session, values, refused.errors, status=409)
        if added.refused:
            problems = {seat: verdict_sentence(verdict) for seat, verdict in added.refused.items()}
            return await _page(request, session, values, problems=problems, status=409)
        return see_other(f"/manage/sessions/{code}/later?added={added.came}#added")


async def _page(
    request: Request,
    session: SessionRow,
    values: dict[str, Any],
    errors: dict[str, str] | None = None,
    problems: dict[int, str] | None = None,
    status: int = 0,
) -> Response:
    words = request.query_params.get("words", "").strip()[:50]
    wanted = await search(session.id, words, "" if words else "absent")
    counts = await count_lines(session.id, wanted)
    path = f"/manage/sessions/{session.code}/later"
    paging = Paging(path, page_number(request), _PAGE, counts.matching, (("words", words),) if words else ())
    return page(
        request,
        "checkin/later.html",
        status or (422 if errors else 200),
        session=session,
        closed=_closed(session),
        lines=await list_lines(session.id, wanted, _PAGE, paging.offset),
        paging=paging,
        words=words,
        walk_ins=await _walk_ins(session),
        added=await list_added(session.id, _ADDED, 0),
        just=number(request.query_params.get("added", ""), -1),
        values=values,
        errors=errors or {},
        problems=problems or {},
    )


def _closed(session: SessionRow) -> str:
    """Why nobody can be added now, or "" where somebody can."""
    try:
        check_begun(session, clock.now())
    except Refused as refused:
        return refused.sentence
    return ""


async def _walk_ins(session: SessionRow) -> bool:
    """Whether people who are not on the list can be registered at this moment."""
    open_ = session.check_in_opens_at <= clock.now() <= session.check_in_closes_at
    return open_ and await welcomes_walk_ins(session.id)
