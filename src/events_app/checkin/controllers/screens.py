"""The screen in the hall."""

from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from events_app.checkin.guards import at_the_door, door_session
from events_app.checkin.queries.sessions import GateSession
from events_app.checkin.rules.venue_codes import qr_code, spoken_digits
from events_app.lib import clock, qr
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.web.pages import page
from events_app.web.templates import safe


class ScreenController(Controller):
    """Shown to everybody in the hall: no name, and of what is confidential no title."""

    path = "/screen/{code:str}"
    guards = (at_the_door,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return _screen(request, "checkin/screen.html", await door_session(request, code))

    @get("/now")
    async def now(self, request: Request, code: FromPath[str]) -> Response:
        """What changes, for the screen's script."""
        return _screen(request, "checkin/_screen_now.html", await door_session(request, code))


def _screen(request: Request, template: str, session: GateSession) -> Response:
    settings, now = request.app.state.settings, clock.now()
    link = f"{settings.base_url}/c/{session.code}"
    shown = qr_code(settings.secret_key, session.code, now)
    digits = spoken_digits(settings.secret_key, session.code, now)
    answer = page(
        request,
        template,
        session=session,
        discreet=session.kind in CONFIDENTIAL,
        open=session.check_in_opens_at <= now <= session.check_in_closes_at,
        early=now < session.check_in_opens_at,
        qr=safe(qr.svg(f"{link}?k={shown}", "M")),
        link=link.partition("://")[2],
        digits=f"{digits[:3]} {digits[3:]}",
        now=now,
    )
    answer.headers["cache-control"] = "no-store"
    return answer
