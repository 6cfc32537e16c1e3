"""Ticking people off a list, one by one or a whole group."""

from collections.abc import Iterable
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.checkin.actions import admitting
from events_app.checkin.queries import arrivals, rosters
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.arrivals import Arriving
from events_app.checkin.queries.rosters import Search
from events_app.checkin.queries.sessions import GateSession
from events_app.checkin.tables import Direction
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.lib.pinyin import has_initials
from events_app.lib.request_context import address, request_id
from events_app.registration.tables import Evidence


class Holder(Protocol):
    """Somebody on the list."""

    @property
    def seat(self) -> int: ...
    @property
    def ticket(self) -> str: ...


class Hand(msgspec.Struct, frozen=True):
    """Who ticks: an account or a gate, at this session. `organiser`: may take back what others did, and later."""

    session: GateSession
    account: int | None
    organiser: bool


async def search(session: int, words: str, show: str) -> Search:
    """Letters may be the initials of a name."""
    typed = words.lower()
    letters = typed.isascii() and typed.isalnum() and not typed.isdecimal()
    names = await rosters.list_names(session) if letters else []
    return Search(words, [seat for seat, name in names if has_initials(name, typed)], show)


async def tick(hand: Hand, holder: Holder, nonce: str) -> Outcome:
    """Let one in who was seen at the door."""
    return await admitting.admit(scan_by(hand, holder, nonce, Direction.IN))


async def arrive(hand: Hand, here: Iterable[Holder], nonce: str) -> list[Outcome]:
    """Let a group in; who is in already is left as they are. Raises what went wrong for the first of them."""
    scans = [
        scan_by(hand, holder, uuid5(NAMESPACE_URL, f"{nonce} {holder.seat}").hex, Direction.IN)
        for holder in here
    ]
    outcomes = await admitting.admit_all(scans)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Outcome)]


@again_after_deadlock
async def count_heads(me: Me | None, hand: Hand, unit: Arriving, number: int) -> None:
    """So many of a unit's people without names are here; said again it is the new number."""
    async with transaction():
        if unit.heads is None:
            raise Invalid({"heads": _("这个单位没有报不留姓名的人数。请让他们逐个登记。")})
        await arrivals.count_heads(unit.roster, hand.session.id, number)
        detail = {"unit": unit.unit, "number": number, "gate": hand.session.gate}
        await audit(me, "unit.heads", hand.session.code, organization=unit.organization, **detail)


def scan_by(hand: Hand, holder: Holder, nonce: str, direction: Direction) -> Scan:
    """An attempt of this moment, by hand."""
    return Scan(
        session=hand.session.code,
        ticket=holder.ticket,
        nonce=nonce,
        direction=direction,
        at=clock.now(),
        evidence=Evidence.ROSTER,
        place=hand.session.gate_label or "",
        gate=hand.session.gate,
        account=hand.account,
        address=address.get(),
        request_id=request_id.get(),
    )
