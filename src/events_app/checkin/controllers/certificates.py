"""A participant's own hours and certificate, and what anybody sees who scans the code on one."""

from datetime import datetime

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.actions import throttle
from events_app.checkin.actions import certificates as actions
from events_app.checkin.actions.certificates import Verified
from events_app.checkin.actions.hours import record_of
from events_app.checkin.forms.certificates import NameForm
from events_app.checkin.queries.certificates import find_certificate_of
from events_app.checkin.rules.certificates import certificate_title, is_name, is_outgrown, still_holds
from events_app.checkin.rules.hours import hours_missing
from events_app.lib import clock, qr
from events_app.lib.errors import Refused
from events_app.programmes.rules.worth import worth_sentences
from events_app.registration.actions.tickets import open_ticket
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.security import anyone
from events_app.web.templates import safe

_HOUR = 3600
# The address is a secret that its holder gives away, and search engines do not.
_UNLISTED = {"x-robots-tag": "noindex, nofollow"}


class CertificateController(Controller):
    include_in_schema = False
    guards = (anyone,)

    @get("/t/{ticket:str}/hours")
    async def show_own(self, request: Request, ticket: FromPath[str]) -> Response:
        return await _own_page(request, ticket)

    @post("/t/{ticket:str}/certificate")
    async def create(self, request: Request, ticket: FromPath[str]) -> Response | Redirect:
        row, _seats = await open_ticket(ticket)
        try:
            code = await actions.issue_own(row, request.app.state.settings.secret_key)
        except Refused as refused:
            return await _own_page(request, ticket, refused.errors, 409)
        return see_other(f"/certificates/{code}")

    @get("/certificates/{code:str}")
    async def show(self, request: Request, code: FromPath[str]) -> Response:
        return _certificate_page(request, await actions.verify(code))

    @post("/certificates/{code:str}/name")
    async def check_name(self, request: Request, code: FromPath[str]) -> Response:
        """Whether it was made for the name that was typed, when that is no longer kept."""
        verified = await actions.verify(code)
        await throttle(f"certificate:{verified.certificate.code}", 20, _HOUR)
        try:
            sent = read_form(NameForm, await request.form())
        except BadForm as bad:
            return _certificate_page(request, verified, values=bad.values, errors=bad.errors)
        certificate = verified.certificate
        secret = request.app.state.settings.secret_key
        fits = is_name(secret, certificate.code, sent.name, certificate.name_digest)
        return _certificate_page(request, verified, values={"name": sent.name}, fits=fits)


async def _own_page(
    request: Request, address: str, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    ticket, seats = await open_ticket(address)
    worth, record = await record_of(ticket.registration)
    certificate = await find_certificate_of(ticket.registration)
    return page(
        request,
        "checkin/own_hours.html",
        status,
        ticket=ticket,
        address=address,
        seats=seats,
        worth=worth,
        sentences=worth_sentences(worth),
        record=record,
        missing=hours_missing(record, worth),
        certificate=certificate,
        holds=certificate is not None and certificate.revoked_at is None and still_holds(certificate, record),
        outgrown=certificate is not None and is_outgrown(certificate, record),
        errors=errors or {},
    )


def _period(verified: Verified) -> dict[str, datetime | None]:
    """The days of what it counts; what came after it was issued is not on it."""
    counted = [credit.starts_at for credit in verified.record.credits.values() if credit.counts]
    starts = [start for start in counted if start <= verified.certificate.issued_at] or counted
    return {"first": min(starts, default=None), "last": max(starts, default=None)}


def _certificate_page(
    request: Request,
    verified: Verified,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    fits: bool | None = None,
) -> Response:
    """The paper itself while it holds and the name is known; else what can be said of it."""
    certificate = verified.certificate
    whole = verified.holds and certificate.name is not None
    link = f"{request.app.state.settings.base_url}/certificates/{certificate.code}"
    answer = page(
        request,
        "checkin/certificate.html" if whole else "checkin/certificate_check.html",
        422 if errors else 200,
        certificate=certificate,
        record=verified.record,
        holds=verified.holds,
        title=certificate_title(certificate.activity_title, certificate.kind),
        **_period(verified),
        link=link,
        qr=safe(qr.svg(link, "Q")) if whole else "",
        now=clock.now(),
        values=values or {},
        errors=errors or {},
        fits=fits,
    )
    answer.headers.update(_UNLISTED)
    return answer
