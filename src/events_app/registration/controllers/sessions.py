"""What the poster's QR opens: a session, its form, its poster."""

from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import Cookie, FormMultiDict
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from events_app.accounts.actions import throttle
from events_app.lib import codes, qr
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address
from events_app.programmes.queries.sessions import SessionPage, find_session_page
from events_app.registration.actions import answers
from events_app.registration.actions import taking as actions
from events_app.registration.actions.terms import terms_of
from events_app.registration.controllers.filled import LARGEST_WITH_FILES, read_filled, typed
from events_app.registration.forms import RegistrationForm, version
from events_app.registration.rules.answers import Reply
from events_app.registration.rules.consent import needs_birth_year
from events_app.registration.rules.terms import data_holder, is_sensitive, notice
from events_app.web.forms import LARGEST_BODY, BadForm, read_form
from events_app.web.pages import page, see_other
from events_app.web.security import anyone
from events_app.web.templates import safe

_YEAR = 365 * 86400
# A whole hall may register through one school's network at once.
_MOST_PER_MINUTE = 600
_WRITTEN_DOWN = 30
_SECRET_LENGTH = 43


class SessionController(Controller):
    include_in_schema = False

    @get("/s/{session:str}", guards=[anyone])
    async def show(self, request: Request, session: FromPath[str]) -> Response:
        return await _session_page(request, await _published(session), {}, {})

    @get("/s/{session:str}/registrations", guards=[anyone])
    async def index(self, session: FromPath[str]) -> Redirect:
        """Where a refused form leaves the browser: a reload or a shared link leads back to the form."""
        return see_other(f"/s/{session}")

    @post("/s/{session:str}/registrations", guards=[anyone], request_max_body_size=LARGEST_WITH_FILES)
    async def register(self, request: Request, session: FromPath[str]) -> Response | Redirect:
        await _check_size(request, session)
        form = await request.form()
        await throttle(f"register:{address.get()}", _MOST_PER_MINUTE, 60, at_once=_WRITTEN_DOWN)
        phone = request.cookies.get(_phone_cookie(request)) or _visit(form)
        signer = codes.signer(request.app.state.settings.secret_key)
        values = typed(form)
        try:
            sent, reply = await _read(session, form, values)
            seat = await actions.register(session, sent, signer, phone, reply)
        except (BadForm, Invalid) as bad:
            return await _session_page(request, await _published(session), values, bad.errors)
        except Refused as refused:
            return await _session_page(
                request, await _published(session), values, {"": refused.sentence}, 409
            )
        if not seat.mine:  # whoever knows a name and a phone number does not get the ticket for it
            return see_other("/tickets/find?registered=yes")
        answer = see_other(f"/t/{codes.ticket_text(seat.ticket, seat.signature)}")
        answer.set_cookie(_remember(request, phone))
        return answer

    @get("/s/{session:str}/poster", guards=[anyone])
    async def poster(self, request: Request, session: FromPath[str]) -> Response:
        row = await _published(session)
        link = f"{request.app.state.settings.base_url}/s/{row.code}"
        code = safe(qr.svg(link, "M"))
        return page(request, "registration/poster.html", session=row, qr=code, link=link)


async def _read(
    session: str, form: FormMultiDict, values: dict[str, Any]
) -> tuple[RegistrationForm, Reply]:
    """The whole form; raises BadForm with every mistake in it. Files are kept, and `values` told where."""
    sent: RegistrationForm | None = None
    errors: dict[str, str] = {}
    try:
        sent = read_form(RegistrationForm, form)
    except BadForm as bad:
        errors = bad.errors
    terms = await answers.terms_shown(session, version().read(form.get("terms")))
    answered = await answers.answer(terms, await read_filled(form))
    values |= answered.values()
    if sent is None or answered.errors:
        raise BadForm(values, errors | answered.errors)
    return sent, answered.reply


async def _check_size(request: Request, session: str) -> None:
    """Only a form that asks for files may be large."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST_BODY and not await answers.asks_files(session):
        raise HTTPException(status_code=413)


async def _published(code: str) -> SessionPage:
    session = await find_session_page(code)
    if session is None:
        raise NotFound(_("没有这个场次。请核对海报上的二维码或网址。"), "unknown_session")
    return session


async def _session_page(
    request: Request, session: SessionPage, values: dict[str, Any], errors: dict[str, str], status: int = 0
) -> Response:
    terms = await terms_of(session.activity, session.terms)
    return page(
        request,
        "registration/session.html",
        status or (422 if errors else 200),
        session=session,
        terms=terms,
        notice=notice(terms, holder=data_holder(session.hosts), birth_year=needs_birth_year(session)),
        sensitive=is_sensitive(session.kind, terms),
        values=values,
        errors=errors,
        visit=codes.new_secret(),
    )


def _visit(form: FormMultiDict) -> str:
    """The secret that this showing of the form carries.

    A second tap before the first answer has no cookie yet, and has to be known as the same phone all the same.
    """
    visit = str(form.get("visit", ""))
    return visit if len(visit) == _SECRET_LENGTH else codes.new_secret()


def _phone_cookie(request: Request) -> str:
    return "__Host-phone" if request.app.state.settings.https else "events_phone"


def _remember(request: Request, phone: str) -> Cookie:
    """By this cookie the phone that registered is known again."""
    return Cookie(
        key=_phone_cookie(request),
        value=phone,
        max_age=_YEAR,
        secure=request.app.state.settings.https,
        httponly=True,
        samesite="lax",
    )
