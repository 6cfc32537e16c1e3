"""Changing a session, and calling it off."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib.clock import field_text
from events_app.lib.errors import Invalid
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.sessions import SessionRow
from events_app.programmes.queries.venues import list_own_venues
from events_app.registration.actions import sessions as actions
from events_app.registration.forms import CallOffForm
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class ChangeController(Controller):
    """Rows of other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/edit")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        session = await actions.own_session(request.user, code)
        return await _session_form(request, session, _values(session), {})

    @post("/edit")
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await actions.change_session(request.user, code, read_form(SessionForm, form))
        except (BadForm, Invalid) as bad:
            session = await actions.own_session(request.user, code)
            return await _session_form(request, session, dict(form), bad.errors)
        return see_other(f"/manage/sessions/{code}")

    @get("/call-off")
    async def new_call_off(self, request: Request, code: FromPath[str]) -> Response:
        return await _call_off_form(request, code, {}, {})

    @post("/call-off")
    async def create_call_off(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            sent = read_form(CallOffForm, await request.form())
        except BadForm as bad:
            return await _call_off_form(request, code, bad.values, bad.errors)
        await actions.call_off(request.user, code, sent.reason)
        return see_other(f"/manage/sessions/{code}")


async def _session_form(
    request: Request, session: SessionRow, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    return page(
        request,
        "programmes/session_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        activity_code=session.activity_code,
        activity_title=session.activity_title,
        session_code=session.code,
        venues=await list_own_venues(session.organization),
        organizations=await accounts.list_organizations(),
    )


async def _call_off_form(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    session = await actions.own_session(request.user, code)
    status = 422 if errors else 200
    return page(request, "registration/call_off.html", status, session=session, values=values, errors=errors)


def _values(session: SessionRow) -> dict[str, Any]:
    times = {
        name: field_text(getattr(session, name)) for name in ("starts_at", "ends_at", "opens_at", "closes_at")
    }
    return times | {
        "title": session.title,
        "venue": session.venue,
        "address": session.address,
        "site": session.site_name or "",
        "capacity": session.capacity,
        "waiting_list": session.waiting_list,
        "check_in_lead": int((session.starts_at - session.check_in_opens_at).total_seconds() // 60),
        "guests": "\n".join("，".join((g.name, g.honour, g.unit)).rstrip("，") for g in session.guests),
    }
