"""Somebody comes who did not register: in one step they are registered and in."""

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.checkin.actions.recording import record
from events_app.checkin.actions.rosters import Hand, scan_by
from events_app.checkin.forms.walk_ins import WalkInForm
from events_app.checkin.queries.admitting import Outcome
from events_app.checkin.queries.walk_ins import count_namesakes
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.rules.walk_ins import check_namesakes, check_walk_ins, no_room
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes
from events_app.lib.codes import Signer
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Refused
from events_app.programmes.queries.sessions import SessionPage
from events_app.registration.actions.walk_ins import AtDoor, register_at_door
from events_app.registration.forms import RegistrationForm
from events_app.registration.rules.answers import Reply


class WalkedIn(msgspec.Struct, frozen=True):
    """The seat, new or held before, and the door's verdict on it."""

    at_door: AtDoor
    outcome: Outcome


@again_after_deadlock
async def walk_in(
    me: Me | None,
    hand: Hand,
    row: SessionPage,
    form: RegistrationForm,
    reply: Reply,
    signer: Signer,
    sent: WalkInForm,
) -> WalkedIn:
    """Registered and let in, or neither; the same nonce for the same person is one coming.

    Whoever is registered already is let in as they are. Raises Refused and Invalid.
    """
    check_walk_ins(row, clock.now())
    if not sent.another:
        check_namesakes(form.name, await count_namesakes(row.id, form.name, form.phone))
    async with transaction():
        at_door = await _registered(hand, form, reply, signer)
        outcome = await record(scan_by(hand, at_door.seat, _nonce(form, sent.nonce), Direction.IN))
        if at_door.before is None and outcome.verdict not in (Verdict.ADMITTED, Verdict.ALREADY_IN):
            raise Refused(verdict_sentence(outcome.verdict), outcome.verdict)
        if not outcome.replayed:
            await _write_down(me, hand, row, at_door)
    return WalkedIn(at_door, outcome)


async def _registered(hand: Hand, form: RegistrationForm, reply: Reply, signer: Signer) -> AtDoor:
    try:
        return await register_at_door(hand.session.code, form, signer, reply)
    except Refused as refused:
        raise no_room() if refused.reason == "full" else refused from None


async def _write_down(me: Me | None, hand: Hand, row: SessionPage, at_door: AtDoor) -> None:
    subject = f"{row.code}/{at_door.seat.seat}"
    detail = {"before": at_door.before, "gate": hand.session.gate}
    await audit(me, "seat.walk_in", subject, organization=row.organization, **detail)


def _nonce(form: RegistrationForm, nonce: str) -> str:
    """A page can be filled again after Back: its nonce is good for one person."""
    return codes.digest(f"walk-in {nonce} {form.phone} {form.name}").hex()
