"""Decisions about registering, from what is already known; and the words for states."""

from datetime import datetime

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.rules import Phase, Timed, phase, phase_sentence
from events_app.registration.tables import Evidence, SeatState

_REASONS = {
    Phase.CALLED_OFF: "cancelled",
    Phase.NOT_YET: "not_open",
    Phase.CLOSED: "closed",
    Phase.OVER: "closed",
}


def check_open(session: Timed, now: datetime) -> None:
    """Raises Refused unless somebody could register now. Whether a place is left is the database's to say."""
    at = phase(session, now)
    if reason := _REASONS.get(at):
        raise Refused(phase_sentence(at), reason)


def full() -> Refused:
    return Refused(phase_sentence(Phase.FULL), "full")


def state_name(state: str) -> str:
    names = {
        SeatState.PENDING: _("待审核"),
        SeatState.CONFIRMED: _("报名成功"),
        SeatState.WAITLISTED: _("候补中"),
        SeatState.OFFERED: _("待确认"),
        SeatState.RELEASED: _("已取消"),
    }
    return names[SeatState(state)]


def evidence_name(evidence: str) -> str:
    names = {
        Evidence.SCAN: _("扫码"),
        Evidence.SELF: _("自助"),
        Evidence.ROSTER: _("名册"),
        Evidence.PAPER: _("纸质"),
        Evidence.LATER: _("补录"),
    }
    return names[Evidence(evidence)]
