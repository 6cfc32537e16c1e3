"""Where organisers add sessions to an activity."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts import queries as accounts
from events_app.accounts.guards import organizer
from events_app.lib import clock
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import parted
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.clashes import ClashesFound
from events_app.programmes.actions.sessions import create_session, foresee_clashes
from events_app.programmes.forms.sessions import PlannedForm, SessionForm
from events_app.programmes.queries.guests import GuestRow
from events_app.programmes.queries.sessions import SessionRow, find_last_session
from events_app.programmes.queries.venues import list_own_venues
from events_app.programmes.rules.clashes import Clash
from events_app.programmes.rules.sessions import a_week_later, default_session_times, on_day
from events_app.web.forms import BadForm, day, line, lines, optional, read_form
from events_app.web.pages import page, see_other

_FREE_PLACE = {
    "venue": line(203, required=False),
    "site": line(100, required=False),
    "guests": lines(200),
    "date": optional(day()),
}


class NewSessionController(Controller):
    """Sessions of activities that `me` organises; those of other organizations are not found."""

    path = "/manage/activities/{code:str}/sessions"
    guards = (organizer,)
    include_in_schema = False

    @get("/new")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        activity = await own_activity(request.user, code)
        last = await find_last_session(activity.id)
        free = _free_place(request.query_params)
        values = _first_values(request.user.account, last, free.pop("date", None)) | free
        return await _session_form(request, code, values, {})

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            await create_session(request.user, code, read_form(SessionForm, form))
        except ClashesFound as found:
            return await _session_form(request, code, dict(form), {}, found.clashes)
        except (BadForm, Invalid, Refused) as bad:
            return await _session_form(request, code, dict(form), bad.errors)
        return see_other(f"/manage/activities/{code}")

    @post("/clashes", status_code=200)
    async def foresee(self, request: Request, code: FromPath[str], session: FromQuery[str] = "") -> Response:
        """What the form would clash with if it were sent now; nothing while it is too unfinished to know."""
        form = await request.form()
        try:
            sent = read_form(PlannedForm, form)
            clashes = await foresee_clashes(request.user, code, session, sent)
        except (BadForm, Invalid):
            return page(request, "programmes/_clashes.html", clashes=[])
        ticked = all(clash.key in sent.accepted_keys for clash in clashes)
        return page(request, "programmes/_clashes.html", clashes=clashes, typing=True, ticked=ticked)


def _free_place(query: Mapping[str, str]) -> dict[str, Any]:
    """Where, with whom and on which `date` the calendar found a free place; what cannot be meant is left out."""
    found = {}
    for name, reader in _FREE_PLACE.items():
        with suppress(ValueError):
            found[name] = reader.read(query.get(name))
    address = {"address": ""} if found.get("venue") else {}
    return {name: value for name, value in found.items() if value} | address


def _first_values(account: int, last: SessionRow | None, day: date | None) -> dict[str, Any]:
    """A further session is like the last one, a week later or on that day."""
    now = clock.now()
    times = default_session_times(now)
    values: dict[str, Any] = {"capacity": 200, "waiting_list": True, "check_in_lead": 60}
    if last:
        times |= a_week_later(last.starts_at, last.ends_at, now)
        values = {name: getattr(last, name) for name in ("venue", "address", "capacity", "waiting_list")}
        values["site"] = last.site_name or ""
        values["check_in_lead"] = int((last.starts_at - last.check_in_opens_at).total_seconds() // 60)
        values["guests"] = "\n".join(_line(guest) for guest in last.guests)
    if day:
        times |= on_day(times["starts_at"], times["ends_at"], day)
    return values | {name: clock.field_text(at) for name, at in times.items()} | {"in_charge": account}


def _line(guest: GuestRow) -> str:
    return parted((guest.name, guest.honour, guest.unit))


async def _session_form(
    request: Request,
    code: str,
    values: dict[str, Any],
    errors: dict[str, str],
    clashes: list[Clash] | None = None,
) -> Response:
    activity = await own_activity(request.user, code)
    organisers = await accounts.list_organisers(activity.organization)
    return page(
        request,
        "programmes/session_form.html",
        422 if errors else 409 if clashes else 200,
        values=values,
        errors=errors,
        activity_code=code,
        activity_title=activity.title,
        session_code="",
        venues=await list_own_venues(activity.organization),
        organizations=await accounts.list_organizations(),
        organisers=[(organiser.id, organiser.name) for organiser in organisers],
        clashes=clashes or [],
    )
