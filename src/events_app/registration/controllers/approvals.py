"""The approval desk of an activity: who waits for a yes, over all its sessions."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import Me
from events_app.lib.errors import Refused
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.queries.sessions import list_activity_sessions
from events_app.registration.actions import decisions as actions
from events_app.registration.actions.terms import latest_terms
from events_app.registration.forms import DecisionForm
from events_app.registration.queries import decisions as queries
from events_app.registration.queries.decisions import Sought
from events_app.registration.tables import SeatState
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number

_PAGE = 50
_EVERYTHING = "all"
_STATES = (
    *(SeatState.PENDING, SeatState.CONFIRMED, SeatState.WAITLISTED, SeatState.ENTERED),
    *("declined", _EVERYTHING),
)
_Decide = Callable[[Me, str, list[int], str], Awaitable[int]]


class ApprovalController(Controller):
    """Rows of other organizations' activities are not found."""

    path = "/manage/activities/{code:str}/approvals"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, code: FromPath[str]) -> Response:
        return await _desk(request, code, {}, {})

    @post("/acceptances")
    async def accept(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _decide(request, code, actions.accept, "accepted")

    @post("/refusals")
    async def decline(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _decide(request, code, actions.decline_many, "declined")

    @post("/restorations")
    async def restore(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        return await _decide(request, code, actions.restore, "restored")


async def _decide(request: Request, code: str, decide: _Decide, done: str) -> Response | Redirect:
    form = await request.form()
    try:
        sent = read_form(DecisionForm, form)
        people = await decide(request.user, code, sent.seats, sent.message)
    except BadForm as bad:
        return await _desk(request, code, bad.values, bad.errors, 422)
    except Refused as refused:
        values = {"seats": form.getall("seats", []), "message": form.get("message")}
        return await _desk(request, code, values, refused.errors, 409)
    query = urlencode([*_query(request), (done, people)])
    return see_other(f"/manage/activities/{code}/approvals?{query}")


def _query(request: Request) -> list[tuple[str, str]]:
    """What the desk is narrowed down to; it goes along in the address of the form."""
    return [(name, value) for name in Sought.__struct_fields__ if (value := request.query_params.get(name))]


def _sought(request: Request) -> Sought:
    given: dict[str, str] = {name: str(value).strip()[:100] for name, value in _query(request)}
    if given.get("state") not in _STATES:
        given["state"] = SeatState.PENDING
    elif given["state"] == _EVERYTHING:
        given["state"] = ""
    return Sought(**given)


async def _desk(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str], status: int = 200
) -> Response:
    activity = await own_activity(request.user, code)
    sought, query = _sought(request), _query(request)
    total = await queries.count_approvals(activity.id, sought)
    address = f"/manage/activities/{code}/approvals"
    paging = Paging(address, page_number(request), _PAGE, total, tuple(query))
    terms = await latest_terms(activity.id)
    done = {
        name: number(request.query_params.get(name, ""), 0) for name in ("accepted", "declined", "restored")
    }
    return page(
        request,
        "registration/approvals.html",
        status,
        activity=activity,
        sessions=await list_activity_sessions(activity.id),
        units=await queries.list_units(activity.id),
        seats=await queries.list_approvals(activity.id, sought, _PAGE, paging.offset),
        pending=await actions.pending_of(request.user, code),
        sought=msgspec.structs.asdict(sought) | {"state": sought.state or _EVERYTHING},
        states=_STATES,
        query=urlencode(query),
        paging=paging,
        asks=bool(terms.questions),
        everybody="everybody" in request.query_params,
        done=done,
        values=values,
        errors=errors,
    )
