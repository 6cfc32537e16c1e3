"""Giving certificates out, verifying them, taking them back."""

from collections.abc import Mapping

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.checkin.actions.hours import own_hours, record_of
from events_app.checkin.queries import certificates as queries
from events_app.checkin.queries.certificates import CertificateRow, Certified
from events_app.checkin.queries.hours import find_activity_of
from events_app.checkin.rules.certificates import name_digest, still_holds
from events_app.checkin.rules.hours import Record
from events_app.lib import codes
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.registration.queries import TicketRow


class Verified(msgspec.Struct, frozen=True):
    """A certificate and what is known today of what it says."""

    certificate: CertificateRow
    record: Record
    holds: bool


async def verify(code: str) -> Verified:
    """Raises NotFound for a code that no certificate has."""
    certificate = await queries.find_certificate(code.upper())
    if certificate is None:
        raise NotFound(
            _("没有这张证书。请核对地址；如果是扫描纸上的二维码打开的，这张证书不是我们发的。"), "unknown"
        )
    _worth, record = await record_of(certificate.registration)
    holds = certificate.revoked_at is None and still_holds(certificate, record)
    return Verified(certificate, record, holds)


async def issue_own(ticket: TicketRow, secret: bytes) -> str:
    """The code of the certificate of whoever holds this ticket, as it stands today; raises Refused."""
    _worth, record = await record_of(ticket.registration)
    if not record.qualifies:
        raise Refused(_("还不能领取证书：到场的场次或学时还不够。"), "not_enough")
    await _issue(await find_activity_of(ticket.registration), {ticket.registration: record}, secret)
    certificate = await queries.find_certificate_of(ticket.registration)
    if certificate is None or certificate.revoked_at:
        raise Refused(_("组织者作废了您的证书。有疑问请联系组织者。"), "revoked")
    return certificate.code


async def issue_all(me: Me, code: str, secret: bytes) -> tuple[int, int]:
    """How many have got their certificate now, and how many one that says something else than before.

    Raises NotFound for an activity that `me` does not organise.
    """
    hours = await own_hours(me, code)
    own = {registration: hours.records[registration] for registration in hours.qualified}
    async with transaction():
        issued, renewed = await _issue(hours.activity.id, own, secret)
        organization = hours.activity.organization
        await audit(me, "certificates.issue", code, organization=organization, issued=issued, renewed=renewed)
    return issued, renewed


async def revoke(me: Me, code: str, certificate: str, *, revoked: bool = True) -> None:
    """Or, not `revoked`, let it hold again. Raises NotFound for what is not theirs or is so already."""
    activity = await own_activity(me, code)
    async with transaction():
        number = await queries.set_revoked(activity.id, certificate, revoked=revoked)
        if number is None:
            raise NotFound
        verb = "certificate.revoke" if revoked else "certificate.restore"
        await audit(me, verb, number, organization=activity.organization)


async def _issue(activity: int, records: Mapping[int, Record], secret: bytes) -> tuple[int, int]:
    held = await queries.list_held(activity, list(records))
    fresh = [
        _certified(one.registration, one.name, codes.new_ticket_code(), records, secret)
        for one in held
        if not one.code
    ]
    known = [_certified(one.registration, one.name, one.code, records, secret) for one in held if one.code]
    async with transaction():
        return len(await queries.issue(fresh)), len(await queries.renew(known))


def _certified(
    registration: int, name: str, code: str, records: Mapping[int, Record], secret: bytes
) -> Certified:
    record = records[registration]
    digest = name_digest(secret, code, name).hex()
    return Certified(registration, code, digest, record.hours, record.sessions)
