"""Self check-in: what a participant's own phone shows in the hall."""

from typing import Any
from uuid import uuid4

from litestar import Controller, Request, Response, get, post
from litestar.params import FromPath, FromQuery

from events_app.checkin.actions import selves as actions
from events_app.checkin.actions.selves import Presence
from events_app.checkin.forms.selves import DigitsForm, PersonForm, PresenceForm
from events_app.checkin.queries import selves as queries
from events_app.checkin.queries.admitting import Outcome
from events_app.checkin.queries.selves import Claim, Hall
from events_app.checkin.rules.venue_codes import grant, is_granted, is_shown
from events_app.checkin.rules.verdicts import verdict_colour, verdict_sentence
from events_app.checkin.tables import Verdict
from events_app.lib import clock, codes
from events_app.lib.errors import Refused, TooMany
from events_app.lib.language import gettext as _
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.web.forms import BadForm, read_form
from events_app.web.pages import page
from events_app.web.phones import phone_secret, remember
from events_app.web.security import anyone


class SelfController(Controller):
    """Opening the page changes nothing; the tap on it does."""

    path = "/c/{code:str}"
    guards = (anyone,)
    include_in_schema = False

    @get("/")
    async def show(self, request: Request, code: FromPath[str], k: FromQuery[str] = "") -> Response:
        hall = await actions.open_hall(code)
        if not k:
            return _digits_page(request, hall)
        if not is_shown(_secret(request), code, k, clock.now()):
            return _digits_page(request, hall, {"": _too_late()}, 409)
        return await _granted_page(request, hall)

    @post("/digits")
    async def hear(self, request: Request, code: FromPath[str]) -> Response:
        hall = await actions.open_hall(code)
        try:
            digits = read_form(DigitsForm, await request.form()).digits
            await actions.hear_digits(_secret(request), hall, digits, phone_secret(request))
        except BadForm as bad:
            return _digits_page(request, hall, bad.errors)
        except Refused as refused:
            return _digits_page(request, hall, {"digits": refused.sentence}, 409)
        except TooMany as many:
            return _stopped_page(request, hall, many)
        return await _granted_page(request, hall)

    @post("/check-ins")
    async def create(self, request: Request, code: FromPath[str]) -> Response:
        hall = await actions.open_hall(code)
        form = await request.form()
        device = phone_secret(request)
        try:
            sent = read_form(PresenceForm, form)
        except BadForm:
            return _digits_page(request, hall, {"": _too_late()}, 409)
        if not device or not is_granted(_secret(request), code, device, sent.grant, clock.now()):
            return _digits_page(request, hall, {"": _too_late()}, 409)
        try:
            claim = await _claim(hall, device, sent.ticket) or await actions.claim_of(
                hall, read_form(PersonForm, form)
            )
        except BadForm as bad:
            return await _person_page(request, hall, sent, {**bad.values}, bad.errors, 422)
        except Refused as refused:
            return await _person_page(request, hall, sent, dict(form), refused.errors, 409)
        except TooMany as many:
            return _stopped_page(request, hall, many)
        distance = sent.distance if isinstance(sent.distance, int) else None
        outcome = await actions.check_in(hall, claim, Presence(device, sent.nonce, distance))
        return _done_page(request, hall, claim, outcome)


async def _claim(hall: Hall, device: str, ticket: str) -> Claim | None:
    """One of this phone's own tickets."""
    mine = await queries.list_claims_of_phone(hall.id, codes.digest(device)) if ticket else []
    return next((claim for claim in mine if claim.ticket == ticket), None)


def _digits_page(
    request: Request, hall: Hall, errors: dict[str, str] | None = None, status: int = 0
) -> Response:
    status = status or (422 if errors else 200)
    return _page(request, "checkin/self_digits.html", hall, status, values={}, errors=errors or {})


def _stopped_page(request: Request, hall: Hall, many: TooMany) -> Response:
    sentence = _("输错的次数太多。请用手机扫大屏上的二维码，或到签到台签到。")
    answer = _digits_page(request, hall, {"": sentence}, 429)
    answer.headers["retry-after"] = str(many.retry_after)
    return answer


async def _granted_page(request: Request, hall: Hall) -> Response:
    """A phone that we do not know yet gets its cookie now: the right is bound to it."""
    device = phone_secret(request) or codes.new_secret()
    right = grant(_secret(request), hall.code, device, clock.now())
    claims = await queries.list_claims_of_phone(hall.id, codes.digest(device))
    sent = PresenceForm(right, uuid4().hex, "", "")
    answer = _form_page(request, hall, sent, claims, {}, {}, 200)
    if not phone_secret(request):
        answer.set_cookie(remember(request, device))
    return answer


async def _person_page(
    request: Request,
    hall: Hall,
    sent: PresenceForm,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int,
) -> Response:
    claims = await queries.list_claims_of_phone(hall.id, codes.digest(phone_secret(request)))
    return _form_page(request, hall, sent, claims, values, errors, status)


def _form_page(
    request: Request,
    hall: Hall,
    sent: PresenceForm,
    claims: list[Claim],
    values: dict[str, Any],
    errors: dict[str, str],
    status: int,
) -> Response:
    return _page(
        request,
        "checkin/self.html",
        hall,
        status,
        claims=claims,
        sent=sent,
        values=values,
        errors=errors,
    )


def _done_page(request: Request, hall: Hall, claim: Claim, outcome: Outcome) -> Response:
    came = outcome.verdict in (Verdict.ADMITTED, Verdict.ALREADY_IN)
    sentence = (
        _("您已经签到过了。") if outcome.verdict == Verdict.ALREADY_IN else verdict_sentence(outcome.verdict)
    )
    return _page(
        request,
        "checkin/self_done.html",
        hall,
        200 if came or outcome.verdict == Verdict.FLAGGED else 409,
        outcome=outcome,
        came=came,
        kind="admitted" if came else verdict_colour(outcome.verdict),
        sentence=sentence,
        who=claim.name,
    )


def _page(request: Request, template: str, hall: Hall, status: int, **context: Any) -> Response:
    title = _("工会服务") if hall.kind in CONFIDENTIAL else hall.activity_title
    answer = page(
        request, template, status, hall=hall, title=title, discreet=hall.kind in CONFIDENTIAL, **context
    )
    answer.headers["cache-control"] = "no-store"
    return answer


def _secret(request: Request) -> bytes:
    key: bytes = request.app.state.settings.secret_key
    return key


def _too_late() -> str:
    return _("这个码已经过期，截图和转发的也不能用。请在现场再扫一次大屏，或者输入大屏上的六位数字。")
