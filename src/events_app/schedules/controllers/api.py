"""Sessions for scripts."""

from datetime import datetime

import msgspec
from litestar import Controller, Request, get
from litestar.params import FromPath, FromQuery

from events_app.accounts.guards import bearer
from events_app.lib import clock
from events_app.lib.clock import local
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.programmes.rules.sessions import Phase, phase
from events_app.programmes.tables import Kind
from events_app.schedules.forms import is_code
from events_app.schedules.queries import api as queries
from events_app.schedules.queries.api import ReadableSession
from events_app.schedules.rules.schedule import SESSIONS_A_PAGE
from events_app.web.paging import number


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
