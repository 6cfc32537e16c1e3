"""How a union plans: for owners to decide, for organisers to read."""

from typing import Any, TypeAlias

from litestar import Controller, Request, Response, get, post
from litestar.response import Redirect

from events_app.accounts.guards import organizer
from events_app.accounts.rules import ORGANIZING, Me, Member
from events_app.accounts.tables import Role
from events_app.lib import clock
from events_app.lib.errors import Invalid
from events_app.programmes.actions.policies import organized, update_policy
from events_app.programmes.actions.workdays import remove_day, save_days
from events_app.programmes.forms.settings import DayForm, DaysForm, PolicyForm
from events_app.programmes.queries.policies import find_policy
from events_app.programmes.queries.workdays import find_workdays
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.paging import number

_YEARS = range(2000, 2101)
# By form, what was typed and what is wrong with it.
_Forms: TypeAlias = dict[str, tuple[dict[str, Any], dict[str, str]]]


class SettingsController(Controller):
    """Of the organization that the address names, or of one's first; those of others are not found."""

    path = "/manage/settings"
    guards = (organizer,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request) -> Response:
        member = organized(request.user, request.query_params.get("organization", ""))
        year = number(request.query_params.get("year", ""), clock.today().year)
        return await _settings(request, member, year if year in _YEARS else clock.today().year)

    @post("/policy")
    async def update(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            sent = read_form(PolicyForm, form)
            await update_policy(request.user, sent)
        except BadForm as bad:
            return await _again(request, bad.values, bad.errors, "policy")
        return see_other(f"/manage/settings?organization={sent.organization}")

    @post("/days")
    async def create(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            sent = read_form(DaysForm, form)
            await save_days(request.user, sent)
        except (BadForm, Invalid) as bad:
            return await _again(request, dict(form), bad.errors, "days")
        return see_other(f"/manage/settings?organization={sent.organization}&year={sent.first.year}#year")

    @post("/day-removals")
    async def remove(self, request: Request) -> Response | Redirect:
        form = await request.form()
        try:
            sent = read_form(DayForm, form)
        except BadForm as bad:
            return await _again(request, bad.values, bad.errors, "days")
        await remove_day(request.user, sent)
        return see_other(f"/manage/settings?organization={sent.organization}&year={sent.day.year}#year")


async def _again(request: Request, values: dict[str, Any], errors: dict[str, str], wrong: str) -> Response:
    """The page with one of its forms as it was typed; a day of another year shows that year."""
    member = organized(request.user, values.get("organization") or "")
    year = number(str(values.get("first") or "")[:4], clock.today().year)
    return await _settings(
        request, member, year if year in _YEARS else clock.today().year, {wrong: (values, errors)}
    )


async def _settings(
    request: Request,
    member: Member,
    year: int,
    typed: _Forms | None = None,
) -> Response:
    policy = await find_policy(member.organization)
    calendar = await find_workdays(member.organization)
    saved = {"travel_speed": policy.travel_speed, "reviews": policy.reviews}
    forms: _Forms = {"policy": (saved, {}), "days": ({}, {})} | (typed or {})
    return page(
        request,
        "programmes/settings.html",
        422 if typed else 200,
        member=member,
        organizations=_organizations(request.user),
        owner=member.role == Role.OWNER,
        policy=policy,
        forms=forms,
        year=year,
        years=(_YEARS[0], _YEARS[-1]),
        rows=calendar.year_rows(year),
        settled=calendar.settled(year),
    )


def _organizations(me: Me) -> list[Member]:
    """One of each that `me` organises for."""
    return list({m.code: m for m in me.memberships if m.role in ORGANIZING}.values())
