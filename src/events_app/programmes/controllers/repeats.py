"""Where organisers plan by a rule."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib import clock
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.repeats import create_repeat
from events_app.programmes.forms.repeats import RepeatForm
from events_app.programmes.queries.sessions import SessionRow, list_activity_sessions
from events_app.programmes.queries.venues import list_own_venues
from events_app.programmes.rules.repeats import MOST_DAYS, repeat_words
from events_app.programmes.rules.sessions import default_session_times
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other


class RepeatController(Controller):
    """A rule for sessions of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}/repeats"
    guards = (organizer,)
    include_in_schema = False

    @get("/new")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        activity = await own_activity(request.user, code)
        sessions = await list_activity_sessions(activity.id)
        return await _form(request, code, _first_values() | (_like(sessions[-1]) if sessions else {}), {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            batch = await create_repeat(request.user, code, read_form(RepeatForm, form))
        except (BadForm, Invalid, Refused) as bad:
            typed = {**form, "weekdays": [str(weekday) for weekday in form.getall("weekdays", [])]}
            return await _form(request, code, typed, bad.errors)
        return see_other(f"/manage/batches/{batch}")


def _first_values() -> dict[str, Any]:
    """A weekly desk for ten weeks that leaves holidays out."""
    times = default_session_times(clock.now())
    return {
        "first": times["starts_at"].date().isoformat(),
        "starts": clock.time_text(times["starts_at"]),
        "ends": clock.time_text(times["ends_at"]),
        "opens_at": clock.field_text(times["opens_at"]),
        "frequency": "weekly",
        "interval": 1,
        "weekdays": [],
        "end": "count",
        "count": 10,
        "on_holiday": "skip",
        "capacity": 50,
        "waiting_list": True,
        "check_in_lead": 60,
    }


def _like(session: SessionRow) -> dict[str, Any]:
    """Where the activity's last session is, and how large."""
    return {
        "venue": session.venue,
        "address": session.address,
        "site": session.site_name or "",
        "capacity": session.capacity,
        "waiting_list": session.waiting_list,
    }


async def _form(request: Request, code: str, values: dict[str, Any], errors: dict[str, str]) -> Response:
    activity = await own_activity(request.user, code)
    return page(
        request,
        "programmes/repeat_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        activity=activity,
        words=repeat_words(),
        most=MOST_DAYS,
        venues=await list_own_venues(activity.organization),
        organizations=await accounts.list_organizations(),
    )
