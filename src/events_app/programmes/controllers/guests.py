"""The register of guests: who they are, what they do, and when they can come."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING
from events_app.lib import clock
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions import guests as actions
from events_app.programmes.forms.guests import AbsenceForm, GuestForm, Search, read_search
from events_app.programmes.queries import register
from events_app.programmes.queries.feeds import find_guest_feed
from events_app.programmes.queries.invitations import list_guest_invitations
from events_app.programmes.queries.register import Choices, Guest, Sought
from events_app.programmes.rules.guests import free_days, weekday_options, weekdays_of
from events_app.programmes.rules.regions import region_options
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import Paging, number, page_number

_PAGE = 30
_DAYS_SHOWN = 28


class GuestController(Controller):
    """Guests of other organizations are not found."""

    path = "/manage/guests"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def index(self, request: Request) -> Response:
        organizations = request.user.organizations(ORGANIZING)
        search = read_search(request.query_params)
        sought = _sought(search)
        total = await register.count_guests(organizations, sought)
        paging = Paging("/manage/guests", page_number(request), _PAGE, total, search.query)
        choices = await register.list_choices(organizations)
        return page(
            request,
            "programmes/guests.html",
            guests=await register.list_guests(organizations, sought, _PAGE, paging.offset),
            paging=paging,
            values=dict(search.query),
            fields=_field_options(choices, search.field),
            regions=region_options(choices.provinces, search.region),
            free_on=search.day,
        )

    @get("/new")
    async def new(self, request: Request) -> Response:
        values = {"weekdays": [value for value, _name in weekday_options()]}
        return _form(request, values, {})

    @post("/")
    async def create(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            code = await actions.create_guest(request.user, read_form(GuestForm, form))
        except BadForm as bad:
            return _form(request, bad.values, bad.errors)
        except Refused as refused:
            return _form(request, _typed(form), {"name": refused.sentence}, same=_code(refused))
        return see_other(f"/manage/guests/{code}")

    @get("/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return await _guest_page(request, await actions.own_guest(request.user, code), {}, {})

    @get("/{code:str}/edit")
    async def edit(self, request: Request, code: FromPath[str]) -> Response:
        return _form(request, _values(await actions.own_guest(request.user, code)), {}, code)

    @post("/{code:str}/edit")
    async def update(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        await actions.own_guest(request.user, code)
        form = await request.form()
        try:
            await actions.update_guest(request.user, code, read_form(GuestForm, form))
        except BadForm as bad:
            return _form(request, bad.values, bad.errors, code)
        except Refused as refused:
            return _form(request, _typed(form), {"name": refused.sentence}, code, _code(refused))
        return see_other(f"/manage/guests/{code}")

    @post("/{code:str}/absences")
    async def create_absence(self, request: Request, code: FromPath[str]) -> Response | Redirect:
        guest = await actions.own_guest(request.user, code)
        form = await request.form()
        try:
            await actions.add_absence(request.user, code, read_form(AbsenceForm, form))
        except (BadForm, Invalid) as bad:
            return await _guest_page(request, guest, dict(form), bad.errors)
        return see_other(f"/manage/guests/{code}#absences")

    @post("/{code:str}/absences/{absence:str}/removal")
    async def remove_absence(self, request: Request, code: FromPath[str], absence: FromPath[str]) -> Redirect:
        if not (row := number(absence, 0)):
            raise NotFound
        await actions.remove_absence(request.user, code, row)
        return see_other(f"/manage/guests/{code}#absences")


async def _guest_page(
    request: Request, guest: Guest, values: dict[str, Any], errors: dict[str, str]
) -> Response:
    now, today = clock.now(), clock.today()
    coming = await register.list_coming_appearances(guest.id, now)
    absences = await register.list_absences(guest.id, today)
    return page(
        request,
        "programmes/guest.html",
        422 if errors else 200,
        guest=guest,
        coming=coming,
        past=await register.list_past_appearances(guest.id, now),
        absences=absences,
        days=free_days(today, _DAYS_SHOWN, guest.weekdays, absences, coming),
        invitations=await list_guest_invitations(guest.id),
        feed=await find_guest_feed(guest.id),
        values=values,
        errors=errors,
    )


def _form(
    request: Request, values: dict[str, Any], errors: dict[str, str], code: str = "", same: str = ""
) -> Response:
    return page(
        request,
        "programmes/guest_form.html",
        422 if errors else 200,
        values=values,
        errors=errors,
        code=code,
        same=same,
        weekdays=weekday_options(),
    )


def _typed(form: Any) -> dict[str, Any]:
    return dict(form) | {"weekdays": form.getall("weekdays", [])}


def _values(guest: Guest) -> dict[str, Any]:
    kept = ("name", "honour", "unit", "fields", "languages", "region", "phone", "introduction")
    days = [str(day) for day in weekdays_of(guest.weekdays)]
    return {name: getattr(guest, name) for name in kept} | {"weekdays": days}


def _sought(search: Search) -> Sought:
    region = search.region
    while region.endswith("00"):
        region = region[:-2]
    return Sought(search.each_word, search.field, region, search.day, search.since, search.until)


def _field_options(choices: Choices, chosen: str) -> list[tuple[str, str]]:
    fields = choices.fields if chosen in (*choices.fields, "") else [*choices.fields, chosen]
    return [("", _("全部领域")), *((field, field) for field in fields)]


def _code(refused: Refused) -> str:
    return str(refused.facts.get("code", ""))
