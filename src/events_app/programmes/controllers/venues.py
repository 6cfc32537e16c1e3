"""Where organisers keep their venues."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING
from events_app.lib.clock import weekday_names
from events_app.lib.errors import Invalid, Refused
from events_app.programmes.actions import venues as actions
from events_app.programmes.forms.venues import VenueForm
from events_app.programmes.queries import venues as queries
from events_app.programmes.queries.venues import OpeningRow, OwnVenue
from events_app.programmes.rules.venues import spans_text
from events_app.web.forms import LARGEST_WITH_PICTURE, BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, page_number

_PAGE = 30
_COMING = 20


class VenueController(Controller):
    """Venues of other organizations are not found."""

    path = "/manage/venues"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request, words: FromQuery[str] = "") -> Response:
        mine, words = request.user.organizations(ORGANIZING), words.strip()[:100].replace("\0", "")
        total = await queries.count_venues(mine, words)
        query = (("words", words),) if words else ()
        paging = Paging("/manage/venues", page_number(request), _PAGE, total, query)
        venues = await queries.list_venues(mine, words, _PAGE, paging.offset)
        return page(request, "programmes/venues.html", venues=venues, paging=paging, words=words)

    @get("/new")
    async def new(self, request: Request, parent: FromQuery[str] = "") -> Response:
        return await _form_page(request, {"parent": parent}, {})

    @post("/", request_max_body_size=LARGEST_WITH_PICTURE)
    async def create(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            code = await actions.create_venue(request.user, read_form(VenueForm, form), await _picture(form))
        except (BadForm, Invalid) as bad:
            return await _form_page(request, dict(form), bad.errors)
        return see_other(f"/manage/venues/{code}")

    @get("/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return await _venue_page(request, await actions.own_venue(request.user, code))

    @get("/{code:str}/edit")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        venue = await actions.own_venue(request.user, code)
        values = _values(venue, await queries.list_own_hours(venue.id))
        return await _form_page(request, values, {}, venue)

    @post("/{code:str}/edit", request_max_body_size=LARGEST_WITH_PICTURE)
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        form = await request.form()
        try:
            sent = read_form(VenueForm, form)
            await actions.update_venue(request.user, code, sent, await _picture(form))
        except (BadForm, Invalid) as bad:
            venue = await actions.own_venue(request.user, code)
            return await _form_page(request, dict(form), bad.errors, venue)
        return see_other(f"/manage/venues/{code}")

    @post("/{code:str}/removal")
    async def remove(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        try:
            await actions.delete_venue(request.user, code)
        except Refused as refused:
            return await _venue_page(request, await actions.own_venue(request.user, code), refused.sentence)
        return see_other("/manage/venues")


async def _venue_page(request: Request, venue: OwnVenue, refusal: str = "") -> Response:
    hours = (await queries.list_opening_hours([venue.id]))[venue.id]
    return page(
        request,
        "programmes/venue.html",
        409 if refusal else 200,
        venue=venue,
        refusal=refusal,
        hours=list(zip(weekday_names(), _by_weekday(hours), strict=True)) if hours else [],
        rooms=await queries.list_rooms(venue.id),
        sessions=await queries.list_coming_sessions(venue.id, _COMING),
    )


async def _form_page(
    request: Request, values: dict[str, Any], errors: dict[str, str], venue: OwnVenue | None = None
) -> Response:
    organization = venue.organization if venue else request.user.organizations(ORGANIZING)[0]
    return page(
        request,
        "programmes/venue_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        venue=venue,
        weekdays=weekday_names(),
        buildings=[b for b in await queries.list_buildings(organization) if not venue or b.id != venue.id],
        touched=await queries.find_touched_by_place(venue.id) if venue else None,
    )


def _values(venue: OwnVenue, hours: list[OpeningRow]) -> dict[str, Any]:
    return {
        "name": venue.name,
        "parent": venue.parent_code,
        "address": venue.own_address,
        "capacity": venue.capacity,
        "latitude": venue.own_latitude,
        "longitude": venue.own_longitude,
        "step_free": venue.step_free,
        "hearing_loop": venue.hearing_loop,
        "access": venue.access,
    } | {f"hours_{day}": text for day, text in enumerate(_by_weekday(hours))}


def _by_weekday(hours: list[OpeningRow]) -> list[str]:
    return [spans_text([(h.opens, h.closes) for h in hours if h.weekday == day]) for day in range(7)]


async def _picture(form: Any) -> bytes | None:
    sent = form.get("picture")
    return await sent.read() or None if isinstance(sent, UploadFile) else None
