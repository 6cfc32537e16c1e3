"""Checking oneself in by what the screen in the hall shows."""

import asyncio
from base64 import urlsafe_b64encode

import msgspec

from events_app.accounts.actions import check_failures, count_failure
from events_app.checkin.actions.recording import record
from events_app.checkin.forms.selves import PersonForm
from events_app.checkin.queries import selves as queries
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.selves import Claim, Hall
from events_app.checkin.rules.venue_codes import is_said
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id
from events_app.registration.tables import Evidence

# Wrong digits in ten minutes. A whole hall may share one address, and strangers who guess do not stop who registered.
_OF_A_PHONE = 10
_OF_AN_ADDRESS = 200
_OF_A_SESSION = 400
_TEN_MINUTES = 600
# Wrong query codes in an hour.
_PINS_OF_A_NUMBER = 10
_PINS_OF_AN_ADDRESS = 1500
_HOUR = 3600
# A guess is compared only after the count before it was read: many sent at once do not slip past the limits.
_comparing = asyncio.Semaphore(4)


class Presence(msgspec.Struct, frozen=True):
    """That this phone is in the hall: whoever calls has checked its right. `secret` is that of its cookie."""

    secret: str
    nonce: str
    distance: int | None

    @property
    def device(self) -> str:
        """What is written down of the phone."""
        return urlsafe_b64encode(codes.digest(self.secret)).rstrip(b"=").decode()


async def open_hall(code: str) -> Hall:
    hall = await queries.find_hall(code)
    if hall is None:
        raise NotFound(_("没有这个场次。请重新扫大屏上的二维码。"), "unknown_session")
    return hall


async def hear_digits(secret: bytes, hall: Hall, digits: str, phone: str) -> None:
    """Raises Refused for digits that are not said now, and TooMany for whoever guesses. `phone`: its cookie, or ""."""
    async with _comparing:
        limits = await _digit_limits(hall, phone)
        await check_failures(limits, _TEN_MINUTES)
        if is_said(secret, hall.code, digits, clock.now()):
            return
        await count_failure(limits, _TEN_MINUTES)
    raise Refused(_("数字不对，或者已经换了。请看大屏上现在的六位数字，再输入一次。"), "too_late")


async def _digit_limits(hall: Hall, phone: str) -> dict[str, int]:
    if phone and await queries.list_claims_of_phone(hall.id, codes.digest(phone)):
        return {f"digits:{hall.code} {codes.digest(phone).hex()}": _OF_A_PHONE}
    return {
        f"digits-from:{hall.code} {address.get()}": _OF_AN_ADDRESS,
        f"digits-of:{hall.code}": _OF_A_SESSION,
    }


async def claim_of(hall: Hall, form: PersonForm) -> Claim:
    """The seat of this name, phone and six digits in this session; raises Refused, and TooMany for whoever guesses."""
    limits = {f"find:{form.phone}": _PINS_OF_A_NUMBER, f"self-from:{address.get()}": _PINS_OF_AN_ADDRESS}
    async with _comparing:
        await check_failures(limits, _HOUR)
        claim = await queries.find_claim(hall.id, form.name, form.phone, form.pin)
        if claim is None:
            await count_failure(limits, _HOUR)
    if claim is None:
        raise Refused(
            _("本场没有找到。请核对姓名、手机号码和报名时显示的六位查询码；还不行请到签到台。"), "not_found"
        )
    return claim


async def check_in(hall: Hall, claim: Claim, presence: Presence) -> Outcome:
    """The first person of a phone is in; any other waits for an organiser. Two taps at once are one after the other."""
    async with transaction():
        await queries.lock_device(hall.id, presence.device)
        served = await queries.has_served_another(hall.id, presence.device, claim.seat)
        waits = served and await queries.is_waiting(hall.id, presence.device, claim.seat)
        scan = _scan(hall, claim, presence, flagged=served)
        # Asking once more makes no second question for the organiser.
        return _waiting(scan, claim) if waits else await record(scan)


def _scan(hall: Hall, claim: Claim, presence: Presence, *, flagged: bool) -> Scan:
    nonce = codes.digest(f"self {presence.device} {presence.nonce} {claim.ticket}").hex()
    return Scan(
        session=hall.code,
        ticket=claim.ticket,
        signature=claim.signature,
        nonce=nonce,
        direction=Direction.IN,
        at=clock.now(),
        evidence=Evidence.SELF,
        device=presence.device,
        by_code=True,
        distance=presence.distance,
        flagged=flagged,
        address=address.get(),
        request_id=request_id.get(),
    )


def _waiting(scan: Scan, claim: Claim) -> Outcome:
    return Outcome(
        session=scan.session,
        nonce=scan.nonce,
        verdict=Verdict.FLAGGED,
        holder=claim.name,
        unit=None,
        at=scan.at,
        first_at=None,
        attended=0,
        expected=0,
        replayed=True,
        reused=False,
    )
