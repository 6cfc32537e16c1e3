"""Private calendars: who has the address has the calendar, until it is revoked."""

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.accounts.actions import throttle
from events_app.lib import clock
from events_app.lib.errors import NotFound
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address
from events_app.schedules.controllers.feed import FEED_REMEMBERS, MOST_IN_A_FEED, answer_feed
from events_app.schedules.queries.private import FeedOwner, find_owner, list_private_feed
from events_app.web.security import anyone

# Programmes go on asking for a revoked address for years, and a school's whole staff from one address.
_MISSES = 600
_HOUR = 3600


class PrivateCalendarController(Controller):
    include_in_schema = False

    @get("/calendars/{file:str}", guards=[anyone])
    async def show(self, request: Request, file: FromPath[str]) -> Response[bytes]:
        owner = await _owner(file)
        since = clock.now() - FEED_REMEMBERS
        appointments = await list_private_feed(owner, since, MOST_IN_A_FEED)
        url = f"{request.app.state.settings.base_url}/o/{owner.code}" if owner.code else ""
        answer = answer_feed(request, owner.name, appointments, url, "private")
        answer.headers["x-robots-tag"] = "noindex"
        return answer


async def _owner(file: str) -> FeedOwner:
    """Raises NotFound for what is unknown or revoked, and TooMany for an address that guesses."""
    secret = file.removesuffix(".ics")
    owner = await find_owner(secret) if secret != file and len(secret) == 43 else None
    if owner is None:
        await throttle(f"calendar-from:{address.get()}", _MISSES, _HOUR)
        raise NotFound(_("这个日历地址已经停用或更换。请向给您地址的单位要新的地址。"), "unknown_calendar")
    return owner
