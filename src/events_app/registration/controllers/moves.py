"""Another time or another place for a session: seen before it is done, as a page or beside the calendar."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.lib import clock
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.actions.clashes import ClashesFound
from events_app.programmes.queries.sessions import SessionRow
from events_app.programmes.queries.venues import list_own_venues
from events_app.programmes.rules.clashes import Clash
from events_app.registration.actions import sessions as actions
from events_app.registration.actions.sessions import ChangedMeanwhile, PeopleTouched
from events_app.registration.forms import MoveForm
from events_app.registration.queries.changes import find_touched
from events_app.registration.rules.changes import check_movable, session_fields
from events_app.registration.rules.telling import Preview
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import either, local_path, see_other

_FIELDS = ("starts_at", "ends_at", "venue", "address")
_CALENDAR = "/manage/calendar"


class MoveController(Controller):
    """Other organizations' sessions are not found."""

    path = "/manage/sessions/{code:str}/move"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def new(self, request: Request, code: FromPath[str]) -> Response:
        """Filled with what the address says, else with what is stored; what would come of it is shown below."""
        session = await actions.own_session(request.user, code)
        check_movable(session, clock.now())
        asked = {"calendar": request.headers.get("referer", ""), **request.query_params}
        return await _preview(request, session, _typed(session, asked))

    @post("/")
    async def create(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        sent = await request.form()
        session = await actions.own_session(request.user, code)
        try:
            await actions.move_session(request.user, code, read_form(MoveForm, sent))
        except (BadForm, Invalid) as bad:
            return await _form(request, session, dict(sent), bad.errors, 422)
        except (ClashesFound, ChangedMeanwhile, PeopleTouched) as asked:
            fresh = await actions.own_session(request.user, code)
            return await _preview(request, fresh, _typed(fresh, dict(sent)), asked)
        return see_other(_calendar(sent.get("calendar")) or f"/manage/sessions/{code}")


def _calendar(address: object) -> str:
    """The calendar that the form was opened from, as it was shown; "" for any other address."""
    try:
        way = urlsplit(str(address or ""))
    except ValueError:
        return ""
    if way.path != _CALENDAR:
        return ""
    return local_path(f"{way.path}?{way.query}" if way.query else way.path, "")


def _typed(session: SessionRow, sent: dict[str, Any]) -> dict[str, Any]:
    """The address is left to the venue when only another venue was named."""
    stored = session_fields(session)
    values = {name: sent.get(name) or stored[name] for name in _FIELDS if name != "address"}
    same_place = values["venue"] == stored["venue"]
    values["address"] = sent.get("address") or (stored["address"] if same_place else "")
    return values | {"reason": sent.get("reason") or "", "calendar": _calendar(sent.get("calendar"))}


async def _preview(
    request: Request, session: SessionRow, values: dict[str, Any], asked: Refused | None = None
) -> Response:
    """With what would come of the values, and why they were not saved at once."""
    try:
        form = read_form(MoveForm, FormMultiDict(values))
        preview, clashes = await actions.preview_move(request.user, session.code, form)
    except (BadForm, Invalid) as bad:
        return await _form(request, session, values, bad.errors, 422)
    return await _form(request, session, values, {}, 409 if asked else 200, preview, clashes, asked)


async def _form(
    request: Request,
    session: SessionRow,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int,
    preview: Preview | None = None,
    clashes: list[Clash] | None = None,
    asked: Refused | None = None,
) -> Response:
    return either(
        request,
        "registration/move.html",
        "registration/_move.html",
        status,
        session=session,
        values=values,
        errors=errors,
        touched=await find_touched(session.id),
        preview=preview,
        clashes=clashes or [],
        typing=not asked,
        asked=asked.sentence if asked else "",
        venues=await list_own_venues(session.organization),
    )
