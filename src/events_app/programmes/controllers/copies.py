"""Where organisers plan sessions once more that they planned before."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.copies import copy_sessions
from events_app.programmes.forms.copies import CopiesForm
from events_app.programmes.queries.sessions import list_activity_sessions
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class CopyController(Controller):
    """Of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}"
    guards = (organizer,)
    include_in_schema = False

    @get("/copies/new")
    async def choose(self, request: Request, code: FromPath[str]) -> Response:
        chosen = request.query_params.getall("sessions", [])
        values = {"sessions": chosen, "shift": "weeks", "amount": 1, "whole_weeks": True}
        return await _sessions_page(request, code, values, {})

    @post("/copies")
    async def copy_sessions(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            batch = await copy_sessions(request.user, code, read_form(CopiesForm, form))
        except (BadForm, Invalid, Refused) as bad:
            typed = {**form, "sessions": [str(session) for session in form.getall("sessions", [])]}
            return await _sessions_page(request, code, typed, bad.errors)
        return see_other(f"/manage/batches/{batch}")


async def _sessions_page(
    request: Request, code: str, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    activity = await own_activity(request.user, code)
    return page(
        request,
        "programmes/copies_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        activity=activity,
        sessions=await list_activity_sessions(activity.id),
    )
