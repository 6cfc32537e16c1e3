"""What is on: the public schedule, an organization's page and feed, and sessions for scripts."""

from datetime import date, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromPath, FromQuery

from events_app.accounts import queries as accounts
from events_app.accounts.guards import bearer
from events_app.accounts.queries import OrganizationRow
from events_app.lib import clock, ical, language, qr
from events_app.lib.clock import local
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.programmes.rules.sessions import Phase, phase
from events_app.programmes.tables import Kind
from events_app.schedules import queries, rules
from events_app.schedules.forms import is_code, read_wanted
from events_app.schedules.queries import ReadableSession
from events_app.schedules.rules import SESSIONS_A_PAGE, Appointment, Query, Wanted
from events_app.web.pages import page
from events_app.web.paging import Paging, number, page_number
from events_app.web.security import anyone
from events_app.web.templates import safe

_MOST_IN_A_MONTH = 1000
_MOST_IN_A_FEED = 2000
_FEED_REMEMBERS = timedelta(days=180)


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
            regions=rules.region_options(await queries.list_provinces(clock.now()), wanted.region),
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
    since = clock.now() - _FEED_REMEMBERS
    appointments = await queries.list_feed(organization.code, since, _MOST_IN_A_FEED)
    coding = _coding(request)
    tag = _tag(organization.name, appointments, coding)
    headers = {"etag": tag, "cache-control": "public, no-cache"}
    if appointments:
        headers["last-modified"] = format_datetime(max(a.updated_at for a in appointments), usegmt=True)
    if coding == "plain":  # where it compresses, Litestar says so itself
        headers["vary"] = "Accept-Encoding"
    if _is_known(request, tag):
        return Response(b"", status_code=304, headers=headers)
    base_url = request.app.state.settings.base_url
    url = f"{base_url}/o/{organization.code}"
    body = _body(language.current.get(), organization.name, rules.entries(appointments, base_url), url)
    return Response(body, media_type=ical.MEDIA_TYPE, headers=headers)


@lru_cache(maxsize=32)
def _body(_language: str, name: str, entries: tuple[ical.Entry, ...], url: str) -> bytes:
    """Two hundred entries take 40 ms to write, and a school's whole staff asks for the same ones every hour."""
    return ical.calendar(name, entries, url=url, subscribed=True)


def _coding(request: Request) -> str:
    """How the answer will be compressed."""
    accepted = request.headers.get("accept-encoding", "")
    return next((coding for coding in ("br", "gzip") if coding in accepted), "plain")


def _tag(name: str, appointments: list[Appointment], coding: str) -> str:
    """A strong ETag from what the body is made of: asking whether a feed changed costs no calendar.

    Compressed and plain bodies are two (RFC 9110 §8.8.3), so each coding has its own.
    """
    made_of = msgspec.json.encode((ical.FORM, language.current.get(), name, appointments))
    return f'"{sha256(made_of).hexdigest()[:32]}-{coding}"'


def _is_known(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in known.split(","))


class ActivityRef(msgspec.Struct):
    code: str
    title: str
    kind: Kind


class SiteRef(msgspec.Struct):
    code: str
    name: str


class SessionItem(msgspec.Struct):
    """A session. `title` is empty where the activity's says enough; `taken` counts seats that are held."""

    code: str
    activity: ActivityRef
    title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    address: str
    site: SiteRef | None
    capacity: int
    taken: int
    places_left: int
    waiting: int
    waiting_list: bool
    phase: Phase
    opens_at: datetime
    closes_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    called_off_at: datetime | None


class SessionList(msgspec.Struct):
    """`next` is the `after` of the next page, or null on the last one."""

    items: list[SessionItem]
    next: str | None


class SessionApi(Controller):
    """Published sessions; confidential ones only for members of the organization that owns them."""

    path = "/api/v1/sessions"
    guards = (bearer,)
    tags = ("sessions",)

    @get("/", summary="Published sessions, oldest entry first")
    async def index(
        self, request: Request, after: FromQuery[str] = "", limit: FromQuery[str] = ""
    ) -> SessionList:
        most = min(max(number(limit, SESSIONS_A_PAGE), 1), SESSIONS_A_PAGE)
        rows = await queries.list_readable_sessions(request.user.organizations(), number(after, 0), most + 1)
        now = clock.now()
        more = len(rows) > most
        return SessionList([_item(row, now) for row in rows[:most]], str(rows[most - 1].id) if more else None)

    @get("/{code:str}", summary="One session")
    async def show(self, request: Request, code: FromPath[str]) -> SessionItem:
        mine = request.user.organizations()
        row = await queries.find_readable_session(code, mine) if is_code(code) else None
        if row is None:
            raise NotFound(_("没有这个场次，或者它不属于您的组织。"), "unknown_session")
        return _item(row, clock.now())


def _item(row: ReadableSession, now: datetime) -> SessionItem:
    return SessionItem(
        code=row.code,
        activity=ActivityRef(row.activity_code, row.activity_title, row.kind),
        title=row.title,
        starts_at=local(row.starts_at),
        ends_at=local(row.ends_at),
        venue=row.venue,
        address=row.address,
        site=SiteRef(row.site_code, row.site_name) if row.site_code and row.site_name else None,
        capacity=row.capacity,
        taken=row.taken,
        places_left=max(row.capacity - row.taken, 0),
        waiting=row.waiting,
        waiting_list=row.waiting_list,
        phase=phase(row, now),
        opens_at=local(row.opens_at),
        closes_at=local(row.closes_at),
        check_in_opens_at=local(row.check_in_opens_at),
        check_in_closes_at=local(row.check_in_closes_at),
        called_off_at=row.called_off_at and local(row.called_off_at),
    )
