"""Taking a place: by a participant on a phone, or by a script; plain cases in one statement."""

import hashlib
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from events_app.accounts.rules import Me
from events_app.lib import clock
from events_app.lib.codes import Signer, digest, new_pin, new_ticket_code
from events_app.lib.database import again_after_deadlock, attempt, transaction
from events_app.lib.errors import Invalid, LoginNeeded, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id
from events_app.programmes.tables import Admission
from events_app.registration import queries
from events_app.registration.actions.answers import answer_by_script
from events_app.registration.actions.attachments import claim
from events_app.registration.actions.places import take_places, together
from events_app.registration.actions.terms import terms_of
from events_app.registration.forms import RegistrationBody, RegistrationForm
from events_app.registration.queries import Applicant, OpenSession, SeatTaken
from events_app.registration.rules.admission import ALONE, Wish, entry_errors, is_plain
from events_app.registration.rules.answers import NO_ANSWERS, Reply, terms_changed
from events_app.registration.rules.consent import consent_errors, consent_of
from events_app.registration.rules.seats import (
    already_registered,
    check_door,
    check_open_or_walk_in,
    full,
    is_walk_in,
)
from events_app.registration.rules.terms import KEEP_DAYS, TermsVersion
from events_app.registration.tables import IdempotencyKey

# So often may a session's rules change while somebody registers.
_MOST_CHANGES = 4
# What stands where an organiser wrote nothing.
_UNWRITTEN = TermsVersion(0, 1, [], "", "", "", KEEP_DAYS, datetime.min)


async def register(
    code: str,
    form: RegistrationForm,
    signer: Signer,
    phone_secret: str,
    reply: Reply = NO_ANSWERS,
    wish: Wish = ALONE,
) -> SeatTaken:
    """A place, a waiting number or the seat that this person holds; raises NotFound, Invalid and Refused.

    So too when another version of the questions or the notice stands by now than was replied to. All of the `wish`
    comes true or nothing.
    """
    session = await _open_session(code, at_door=wish.at_door)
    if reply.terms not in (0, max(session.terms, 1)):
        raise terms_changed()
    answers = msgspec.json.encode(reply.answers).decode()
    given = await _agreed(session, form, wish)
    applicant = _applicant(form, signer, answers=answers, phone_digest=digest(phone_secret), **given)
    if not reply.files:
        return await _take(session, code, applicant, wish, signer)
    async with transaction():  # the files are the registration's with its seat, or not at all
        seat = await _take(session, code, applicant, wish, signer)
        await claim(seat.seat, reply.files)
    return seat


async def register_by_script(me: Me, body: RegistrationBody, key: str | None, signer: Signer) -> SeatTaken:
    """Like `register`. The same `key` gives the first answer again; raises Invalid when the body is another.

    Raises LoginNeeded when the token counts no more. Whoever is registered already keeps the ticket, which only their
    own script and the session's union are told. A key is nearly always new, so the seat is tried first: one that was
    answered before writes nothing.
    """
    fingerprint = hashlib.sha256(msgspec.json.encode(body)).digest()
    try:
        session = await _open_session(body.session, me.credential)
        if session.stands_for is None:
            raise LoginNeeded
        trusted = session.organization in session.stands_for
        script = {"key": key, "fingerprint": fingerprint, "trusted": trusted}
        given = await _agreed(session, body, ALONE)
        applicant = _script_applicant(me, body, signer, **script, **given)
        seat = await _take(session, body.session, applicant, ALONE, signer)
    except (Refused, NotFound, Invalid, asyncpg.UniqueViolationError):
        if key and (kept := await _kept_answer(me, key, fingerprint)):
            return kept
        raise
    if seat.created or not key:
        return seat
    return await _kept_answer(me, key, fingerprint) or await _keep_answer(me, key, fingerprint, seat)


def _script_applicant(me: Me, body: RegistrationBody, signer: Signer, **script: Any) -> Applicant:
    return _applicant(
        body,
        signer,
        phone_digest=b"token %d" % me.credential,  # shorter than a phone's SHA-256: no cookie becomes this
        token=me.credential,
        account=me.account,
        address=address.get(),
        request_id=request_id.get(),
        **script,
    )


def _applicant(form: RegistrationForm | RegistrationBody, signer: Signer, **more: Any) -> Applicant:
    """Whoever filled the form, with a ticket of their own should they hold none yet."""
    ticket = new_ticket_code()
    signature, pin = signer.sign(ticket), new_pin()
    return Applicant(
        name=form.name, phone=form.phone, unit=form.unit, ticket=ticket, signature=signature, pin=pin, **more
    )


async def _open_session(code: str, token: int | None = None, *, at_door: bool = False) -> OpenSession:
    session = await queries.find_open_session(code, token)
    if session is None:
        raise NotFound(_("没有这个场次。请核对海报上的二维码或网址。"), "unknown_session")
    check_door(session) if at_door else check_open_or_walk_in(session, clock.now())
    return session


async def _agreed(
    session: OpenSession, form: RegistrationForm | RegistrationBody, wish: Wish
) -> dict[str, Any]:
    """What to keep of what was agreed to, under which terms; raises Invalid for what the rules find wrong."""
    year = clock.today().year
    terms = await terms_of(session.activity, session.terms) if session.terms else _UNWRITTEN
    errors = entry_errors(session, form.unit, form.birth_year, wish, year)
    errors |= consent_errors(session, terms, form, year)
    kept = msgspec.structs.asdict(consent_of(session, terms, form, year)) | {"terms": terms.number}
    if isinstance(form, RegistrationBody):
        answers, wrong = answer_by_script(terms, form.answers)
        kept, errors = kept | {"answers": msgspec.json.encode(answers).decode()}, errors | wrong
    if errors:
        raise Invalid(errors)
    return kept


async def _take(
    session: OpenSession, code: str, applicant: Applicant, wish: Wish, signer: Signer
) -> SeatTaken:
    """Looks at the session again when it was changed between the look at its rules and the lock."""
    for _try in range(_MOST_CHANGES):
        taken = await _take_under(session, code, applicant, wish, signer)
        if taken:
            return taken
        before, session = session, await _open_session(code, at_door=wish.at_door)
        _check_entry(session, applicant, wish)
        if is_plain(before, wish) and session.updated_at == before.updated_at:
            break
    raise full()


def _check_entry(session: OpenSession, applicant: Applicant, wish: Wish) -> None:
    """What was allowed under the old rules need not be under the new ones; raises Invalid."""
    if errors := entry_errors(session, applicant.unit, applicant.birth_year, wish, clock.today().year):
        raise Invalid(errors)


@again_after_deadlock
async def _take_under(
    session: OpenSession, code: str, applicant: Applicant, wish: Wish, signer: Signer
) -> SeatTaken | None:
    """A seat under the rules as they were read, in one statement if they are plain; None where they do not hold any
    more, or there is neither a place nor a waiting list.
    """
    if not is_plain(session, wish) or is_walk_in(session, clock.now()):
        return await take_places(session, code, together(applicant, wish, signer), wish)
    async with attempt():
        taken = await queries.take_seat(
            session.id, applicant, session.updated_at, approval=session.admission == Admission.APPROVAL
        )
    if taken is None:
        taken = await queries.find_held_seat(
            session.id, applicant.phone, applicant.name, applicant.phone_digest
        )
    if taken and (taken.mine or applicant.trusted):
        return taken
    if taken or (not applicant.trusted and await queries.is_registered_elsewhere(session.id, applicant)):
        raise already_registered()
    return None


async def _kept_answer(me: Me, key: str, fingerprint: bytes) -> SeatTaken | None:
    kept = await queries.find_kept_answer(me.credential, key)
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise Invalid({"Idempotency-Key": _("这个键已经用于另一份内容，请换一个新的键。")})
    return SeatTaken(kept.seat, kept.ticket, kept.signature, kept.state, kept.position, kept.created)


async def _keep_answer(me: Me, key: str, fingerprint: bytes, seat: SeatTaken) -> SeatTaken:
    """For a seat that was held before; a new one brings its key along."""
    answer = IdempotencyKey(
        token=me.credential,
        key=key,
        fingerprint=fingerprint,
        seat=seat.seat,
        state=seat.state,
        position=seat.position,
        created_at=clock.now(),
    )
    await IdempotencyKey.insert(answer).on_conflict(action="DO NOTHING")
    return seat
