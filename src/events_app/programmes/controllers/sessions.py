"""Where organisers add sessions to an activity."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib import clock
from events_app.lib.errors import Invalid
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.sessions import create_session
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.venues import list_own_venues
from events_app.programmes.rules.sessions import default_session_times
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class NewSessionController(Controller):
    """Sessions of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}/sessions"
    guards = (organizer,)
    include_in_schema = False

    @get("/new")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        values: dict[str, Any] = {
            name: clock.field_text(at) for name, at in default_session_times(clock.now()).items()
        }
        values |= {"capacity": 200, "waiting_list": True, "check_in_lead": 60}
        return await _session_form(request, code, values, {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await create_session(request.user, code, read_form(SessionForm, form))
        except (BadForm, Invalid) as bad:
            return await _session_form(request, code, dict(form), bad.errors)
        return see_other(f"/manage/activities/{code}")


async def _session_form(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    activity = await own_activity(request.user, code)
    return page(
        request,
        "programmes/session_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        activity_code=code,
        activity_title=activity.title,
        session_code="",
        venues=await list_own_venues(activity.organization),
        organizations=await accounts.list_organizations(),
    )
