"""Keeping the register of guests."""

from collections.abc import Sequence
from typing import Any

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import codes
from events_app.lib.database import transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.programmes import tables
from events_app.programmes.actions.invitations import withdraw
from events_app.programmes.forms.guests import AbsenceForm, GuestForm
from events_app.programmes.queries import guests as queries
from events_app.programmes.queries import register
from events_app.programmes.queries.guests import GuestRow
from events_app.programmes.queries.register import Guest
from events_app.programmes.rules.guests import absence_errors

# By column: Piccolo takes them for a new row and for an update alike.
Columns = dict[Any, Any]


async def create_guest(me: Me, form: GuestForm) -> str:
    """A guest of the first organization that `me` organises for; returns the code.

    Raises Refused with the `code` of a guest who is written alike.
    """
    organization = me.organizations(ORGANIZING)[0]
    code = codes.new_code()
    async with transaction():
        await _refuse_double(organization, form, but="")
        columns = _columns(form) | {tables.Guest.code: code, tables.Guest.organization: organization}
        await tables.Guest(columns).save()
        await audit(me, "guest.create", code, organization=organization, name=form.name)
    return code


async def update_guest(me: Me, code: str, form: GuestForm) -> None:
    """Raises NotFound for another organization's, and Refused as `create_guest` does."""
    guest = await own_guest(me, code)
    async with transaction():
        await _refuse_double(guest.organization, form, but=code)
        await tables.Guest.update(_columns(form)).where(tables.Guest.id == guest.id)
        await audit(me, "guest.update", code, organization=guest.organization, name=form.name)


async def add_absence(me: Me, code: str, form: AbsenceForm) -> None:
    """Days on which the guest cannot come; raises NotFound and Invalid."""
    guest = await own_guest(me, code)
    if errors := absence_errors(form.first_day, form.last_day):
        raise Invalid(errors)
    first_day, last_day = form.first_day, form.last_day
    async with transaction():
        absence = tables.Absence(guest=guest.id, first_day=first_day, last_day=last_day, reason=form.reason)
        await absence.save()
        await audit(
            me,
            "absence.create",
            code,
            organization=guest.organization,
            first_day=first_day,
            last_day=last_day,
        )


async def remove_absence(me: Me, code: str, absence: int) -> None:
    """Raises NotFound."""
    guest = await own_guest(me, code)
    async with transaction():
        if not await register.remove_absence(guest.id, absence):
            raise NotFound
        await audit(me, "absence.remove", code, organization=guest.organization, absence=absence)


async def own_guest(me: Me, code: str) -> Guest:
    """Raises NotFound when there is none, or it is another organization's."""
    guest = await register.find_own_guest(code, me.organizations(ORGANIZING))
    if guest is None:
        raise NotFound
    return guest


async def place_guests(session: int, organization: int, guests: Sequence[GuestRow]) -> None:
    """The session's guests are these. Who left hears of it, who stays keeps their invitation.

    Inside the transaction that saves the session; raises Invalid for a name that several guests have.
    """
    matches = await queries.match_lines(organization, guests)
    several = [guest.name for guest, match in zip(guests, matches, strict=True) if match.candidates > 1]
    if several:
        names = listed(dict.fromkeys(several))
        raise Invalid({"guests": _("有几位嘉宾都叫%(names)s。请在姓名后写明荣誉或单位。", names=names)})
    await queries.set_guests(session, organization, guests)
    await withdraw(session)


async def _refuse_double(organization: int, form: GuestForm, *, but: str) -> None:
    await queries.lock_register(organization)
    same = await register.find_same_guest(organization, form.name, form.honour, form.unit)
    if same and same.code != but:
        raise Refused(
            _("嘉宾库中已有同名、同荣誉、同单位的嘉宾，请直接使用，或写明区别。"), "duplicate", code=same.code
        )


def _columns(form: GuestForm) -> Columns:
    names = (
        *("name", "honour", "unit", "fields", "languages"),
        *("region", "phone", "introduction", "weekdays"),
    )
    return {getattr(tables.Guest, name): getattr(form, name) for name in names}
