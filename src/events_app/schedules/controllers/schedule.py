"""What is on: the public schedule, an organization's page and its feed."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.accounts import queries as accounts
from events_app.accounts.queries import OrganizationRow
from events_app.lib import clock, qr
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.programmes.rules.regions import region_options
from events_app.schedules.controllers.feed import FEED_REMEMBERS, MOST_IN_A_FEED, answer_feed
from events_app.schedules.forms import is_code, read_wanted
from events_app.schedules.queries import schedule as queries
from events_app.schedules.queries.feed import list_feed
from events_app.schedules.rules import schedule as rules
from events_app.schedules.rules.schedule import SESSIONS_A_PAGE, Query, Wanted
from events_app.web.pages import page
from events_app.web.paging import Paging, page_number
from events_app.web.security import anyone
from events_app.web.templates import safe

_MOST_ON_A_DAY = 3


class ScheduleController(Controller):
    """For everybody."""

    include_in_schema = False

    @get("/", guards=[anyone])
    async def index(self, request: Request) -> Response:
        wanted = read_wanted(request.query_params)
        template = "schedules/month.html" if wanted.month else "schedules/agenda.html"
        return page(
            request,
            template,
            organization=await accounts.find_organization(wanted.organization)
            if wanted.organization
            else None,
            values=dict(wanted.query),
            kinds=rules.kind_options(),
            regions=region_options(await queries.list_provinces(clock.now()), wanted.region),
            **await _shown(request, wanted, wanted.query),
        )

    @get("/o/{organization:str}", guards=[anyone])
    async def show(self, request: Request, organization: FromPath[str]) -> Response:
        """The page, or with .ics after its code the feed: to the router both are one address."""
        code = organization.removesuffix(".ics")
        found = await accounts.find_organization(code) if is_code(code) else None
        if found is None:
            raise NotFound(_("没有这个单位。请检查网址，或从活动日程中查找。"))
        return await (_page if code == organization else _feed)(request, found)


async def _page(request: Request, organization: OrganizationRow) -> Response:
    asked = read_wanted(request.query_params)
    wanted = Wanted(organization=organization.code, month=asked.month, day=asked.day)
    feed = f"{request.app.state.settings.base_url}/o/{organization.code}.ics"
    webcal = urlsplit(feed)._replace(scheme="webcal").geturl()
    return page(
        request,
        "schedules/organization.html",
        organization=organization,
        feed=feed,
        webcal=webcal,
        qr=safe(qr.svg(webcal, "M")),
        **await _shown(request, wanted, ()),
    )


async def _shown(request: Request, wanted: Wanted, query: Query) -> dict[str, Any]:
    """The agenda or the month, and the ways from one to the other; `query` is kept in the links."""
    path = request.url.path
    shown = await (
        _month(path, wanted, wanted.month, query) if wanted.month else _agenda(request, wanted, query)
    )
    views = [
        {"href": rules.agenda_address(path, query), "text": _("列表"), "current": not wanted.month},
        {
            "href": rules.month_address(path, wanted.month or wanted.day or clock.today(), query),
            "text": _("月历"),
            "current": bool(wanted.month),
        },
    ]
    return {**shown, "views": views}


async def _agenda(request: Request, wanted: Wanted, query: Query) -> dict[str, Any]:
    """All that is coming, or what is on the day that is wanted."""
    now, number, path = clock.now(), page_number(request), request.url.path
    first = wanted.day or clock.today()
    since = clock.midnight(wanted.day) if wanted.day else now
    until = clock.midnight(wanted.day + timedelta(days=1)) if wanted.day else None
    offset = (number - 1) * SESSIONS_A_PAGE
    found = await queries.list_sessions(wanted, since, until, SESSIONS_A_PAGE + 1, offset)
    ends_here = len(found) <= SESSIONS_A_PAGE and (found or not offset)
    total = offset + len(found) if ends_here else await queries.count_sessions(wanted, since, until)
    kept = (*query, ("date", wanted.day.isoformat())) if wanted.day else query
    return {
        "month": None,
        "only": _only_day(path, wanted.day, query) if wanted.day else None,
        "days": rules.days(found[:SESSIONS_A_PAGE], now, first=first),
        "paging": Paging(path, number, SESSIONS_A_PAGE, total, kept),
    }


def _only_day(path: str, day: date, query: Query) -> dict[str, str]:
    """The one day that is shown, and the ways to those beside it and to all."""
    return {
        "iso": day.isoformat(),
        "text": clock.day_text(day),
        "previous": rules.day_address(path, day - timedelta(days=1), query),
        "next": rules.day_address(path, day + timedelta(days=1), query),
        "all": rules.agenda_address(path, query),
    }


async def _month(path: str, wanted: Wanted, month: date, query: Query) -> dict[str, Any]:
    first, following = clock.month_bounds(month)
    found = await queries.list_month(wanted, first, following, _MOST_ON_A_DAY)
    return {
        "month": clock.month_text(month),
        "month_value": f"{month:%Y-%m}",
        "only": None,
        "weekdays": rules.weekdays(),
        "weeks": rules.weeks(month, found, clock.today()),
        "day_path": rules.day_address(path, first, query).removesuffix(first.isoformat()),
        "days": found,
        "previous": rules.month_address(path, first - timedelta(days=1), query),
        "next": rules.month_address(path, following, query),
    }


async def _feed(request: Request, organization: OrganizationRow) -> Response[bytes]:
    appointments = await list_feed(organization.code, clock.now() - FEED_REMEMBERS, MOST_IN_A_FEED)
    url = f"{request.app.state.settings.base_url}/o/{organization.code}"
    return answer_feed(request, organization.name, appointments, url)
