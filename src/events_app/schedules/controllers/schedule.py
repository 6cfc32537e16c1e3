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

_MOST_IN_A_MONTH = 1000


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
    wanted = Wanted(organization=organization.code, month=read_wanted(request.query_params).month)
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
            "href": rules.month_address(path, wanted.month or clock.today(), query),
            "text": _("月历"),
            "current": bool(wanted.month),
        },
    ]
    return {**shown, "views": views}


async def _agenda(request: Request, wanted: Wanted, query: Query) -> dict[str, Any]:
    now, number = clock.now(), page_number(request)
    offset = (number - 1) * SESSIONS_A_PAGE
    found = await queries.list_sessions(wanted, now, None, SESSIONS_A_PAGE + 1, offset)
    ends_here = len(found) <= SESSIONS_A_PAGE and (found or not offset)
    total = offset + len(found) if ends_here else await queries.count_sessions(wanted, now)
    paging = Paging(request.url.path, number, SESSIONS_A_PAGE, total, query)
    return {
        "month": None,
        "days": rules.days(found[:SESSIONS_A_PAGE], now, first=clock.today()),
        "paging": paging,
    }


async def _month(path: str, wanted: Wanted, month: date, query: Query) -> dict[str, Any]:
    first, following = clock.month_bounds(month)
    since, until = clock.midnight(first), clock.midnight(following)
    found = await queries.list_sessions(wanted, since, until, _MOST_IN_A_MONTH)
    days = rules.days(found, clock.now(), first=first)
    return {
        "month": clock.month_text(month),
        "month_value": f"{month:%Y-%m}",
        "weekdays": rules.weekdays(),
        "weeks": rules.weeks(month, days, clock.today()),
        "days": days,
        "previous": rules.month_address(path, first - timedelta(days=1), query),
        "next": rules.month_address(path, following, query),
        "cut": len(found) == _MOST_IN_A_MONTH,
    }


async def _feed(request: Request, organization: OrganizationRow) -> Response[bytes]:
    appointments = await list_feed(organization.code, clock.now() - FEED_REMEMBERS, MOST_IN_A_FEED)
    url = f"{request.app.state.settings.base_url}/o/{organization.code}"
    return answer_feed(request, organization.name, appointments, url)
