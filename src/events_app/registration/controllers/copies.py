"""Where organisers plan a whole activity like one they had before."""

from datetime import timedelta
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.forms.copies import CopyForm
from events_app.programmes.queries.sessions import list_activity_sessions
from events_app.programmes.rules.copies import YEAR, first_day, next_years_title
from events_app.registration.actions.copies import copy_activity
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class ActivityCopyController(Controller):
    """Of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}/copy"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        return await _copy_page(request, code, None, {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            copy, batch = await copy_activity(request.user, code, read_form(CopyForm, form))
        except (BadForm, Invalid, Refused) as bad:
            return await _copy_page(request, code, dict(form), bad.errors)
        return see_other(f"/manage/batches/{batch}" if batch else f"/manage/activities/{copy}")


async def _copy_page(
    request: Request, code: str, typed: dict[str, Any] | None, errors: dict[str, str]
) -> Response:
    """As it was typed, else the next year's title and the same weekday a year later."""
    activity = await own_activity(request.user, code)
    sessions = [s for s in await list_activity_sessions(activity.id) if not s.called_off_at]
    values = {"title": next_years_title(activity.title), "with_sessions": bool(sessions), "whole_weeks": True}
    if sessions:
        values["first"] = (first_day(sessions) + timedelta(days=YEAR)).isoformat()
    return page(
        request,
        "registration/copy_form.html",
        422 if errors else 200,
        values=values if typed is None else typed,
        errors=errors,
        activity=activity,
        sessions=sessions,
        first=first_day(sessions) if sessions else None,
    )
