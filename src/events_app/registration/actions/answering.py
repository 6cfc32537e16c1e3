"""Whoever is registered changes what they answered, as long as others can still register."""

from datetime import datetime
from typing import Any

import msgspec

from events_app.lib import clock
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.registration.actions.answers import Answered, Filled, answer
from events_app.registration.actions.terms import terms_of
from events_app.registration.forms import AnswersForm
from events_app.registration.queries import answering as queries
from events_app.registration.queries import attachments
from events_app.registration.queries.answering import Changeable
from events_app.registration.rules.answers import field_name, files_in
from events_app.registration.rules.consent import consent_errors, consent_of
from events_app.registration.rules.terms import TermsVersion


class Change(msgspec.Struct, frozen=True):
    """What can be changed now, as the form begins. `renewed`: another version stands by now and has to be agreed to."""

    row: Changeable
    terms: TermsVersion
    renewed: bool
    values: dict[str, Any]


async def begin_change(registration: int) -> Change:
    """Raises NotFound, and Refused when it is too late."""
    async with transaction():
        row = await _own(registration)
    terms = await terms_of(row.activity, row.latest)
    return Change(row, terms, row.terms != terms.number, await _values(row, terms))


async def change_answers(registration: int, form: AnswersForm, filled: Filled) -> Answered:
    """Saved unless it has errors. Raises NotFound, and Refused when it is too late meanwhile."""
    async with transaction():
        row = await _own(registration)
        terms = await terms_of(row.activity, row.latest)
        done = await answer(terms, filled, registration=registration, given=row.answers)
        renewed = row.terms != terms.number
        errors = done.errors | (_consent_errors(row, terms, form) if renewed else {})
        if errors:
            return msgspec.structs.replace(done, errors=errors)
        await queries.save_change(registration, row.unit if row.unit_bound else form.unit, done.reply.answers)
        await attachments.claim_attachments(registration, done.reply.files)
        if renewed:
            consent = consent_of(row, terms, form, clock.today().year)
            await queries.renew_consent(registration, terms.number, consent)
        return done


async def _own(registration: int) -> Changeable:
    row = await queries.lock_changeable(registration)
    if row is None:
        raise NotFound
    check_changeable(row.until, clock.now())
    return row


def check_changeable(until: datetime | None, now: datetime) -> None:
    if until is None or now >= until:
        raise Refused(_("报名已经截止，内容不能再修改。确需更正，请联系主办单位。"), "closed")


def _consent_errors(row: Changeable, terms: TermsVersion, form: AnswersForm) -> dict[str, str]:
    errors = consent_errors(row, terms, form, clock.today().year)
    if not form.consent:
        errors.setdefault("consent", _("请先阅读并同意上面的告知。"))
    return errors


async def _values(row: Changeable, terms: TermsVersion) -> dict[str, Any]:
    files = files_in(terms.questions, row.answers)
    names = await attachments.list_file_names(row.registration) if files else {}
    answers: dict[str, Any] = {field_name(code): value for code, value in row.answers.items()}
    kept = {
        f"{name}-name": names[code]
        for name, code in answers.items()
        if isinstance(code, str) and code in names
    }
    personal = {
        name: getattr(row, name) for name in ("unit", "birth_year", "guardian_name", "guardian_phone")
    }
    return personal | answers | kept
