"""Decisions about registering, from what is already known; and the words for states."""

from datetime import datetime

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.rules import Phase, Timed, phase
from events_app.registration.tables import Evidence, SeatState


def check_open(session: Timed, now: datetime) -> None:
    """Raises Refused unless somebody could register now. Whether a place is left is the database's to say."""
    refusals = {
        Phase.CALLED_OFF: (_("本场已取消，不能报名。请看看其他场次。"), "cancelled"),
        Phase.NOT_YET: (_("报名还没有开始，请在开放时间之后再来。"), "not_open"),
        Phase.CLOSED: (_("报名已经截止。需要参加时，请联系主办单位。"), "closed"),
        Phase.OVER: (_("本场已经结束。请看看其他场次。"), "closed"),
    }
    if refusal := refusals.get(phase(session, now)):
        raise Refused(*refusal)


def full() -> Refused:
    return Refused(_("本场名额已满，也没有候补名单。请选择其他场次。"), "full")


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
