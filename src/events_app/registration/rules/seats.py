"""Decisions about registering, from what is already known; and the words for states."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.rules.sessions import Phase, Timed, phase, phase_sentence
from events_app.programmes.tables import Admission
from events_app.registration.tables import Cause, Evidence, SeatState

_REASONS = {
    Phase.CALLED_OFF: "cancelled",
    Phase.POSTPONED: "postponed",
    Phase.NOT_YET: "not_open",
    Phase.CLOSED: "closed",
    Phase.OVER: "closed",
}


def check_open(session: Timed, now: datetime) -> None:
    """Raises Refused unless somebody could register now. Whether a place is left is the database's to say."""
    at = phase(session, now)
    if reason := _REASONS.get(at):
        raise Refused(phase_sentence(at), reason)


class AtTheDoor(Timed, Protocol):
    """What decides whether people may still come in who did not register in time."""

    @property
    def walk_ins(self) -> bool: ...
    @property
    def admission(self) -> Admission: ...
    @property
    def check_in_opens_at(self) -> datetime: ...
    @property
    def waiting(self) -> int: ...


def is_walk_in(session: AtTheDoor, now: datetime) -> bool:
    """Whether registration is over and whoever stands at the door may register all the same: a place is free."""
    late = session.walk_ins and phase(session, now) == Phase.CLOSED and now >= session.check_in_opens_at
    free = session.taken < session.capacity and session.waiting == 0
    return late and free and session.admission != Admission.DRAW


def check_door(session: AtTheDoor) -> None:
    """Raises Refused where nobody may be registered by whoever keeps the door, however many places are free."""
    if session.called_off_at:
        raise Refused(_("本场已取消，谁的入场码都不能放行。"), "cancelled")
    if session.postponed_at:
        raise Refused(_("本场已延期，现在不签到。"), "postponed")
    if not session.walk_ins:
        sentence = _("这项活动只接待报过名的人，不做现场登记。要改变这一点，请活动负责人修改报名规则。")
        raise Refused(sentence, "no_walk_ins")
    if session.admission == Admission.DRAW:
        raise Refused(_("这项活动的名额由抽签决定，不做现场登记。请与活动负责人联系。"), "no_walk_ins")


def check_open_or_walk_in(session: AtTheDoor, now: datetime) -> None:
    """Raises Refused unless somebody could register now, in time or at the door."""
    if not is_walk_in(session, now):
        check_open(session, now)


class Dated(Protocol):
    """What giving a place back is decided from."""

    @property
    def ends_at(self) -> datetime: ...
    @property
    def postponed_at(self) -> datetime | None: ...
    @property
    def called_off_at(self) -> datetime | None: ...


def is_over(session: Dated, now: datetime) -> bool:
    """A session that was postponed did not take place, whatever its time says."""
    return now >= session.ends_at and not session.postponed_at


def check_cancellable(session: Dated, now: datetime) -> None:
    """Raises Refused when giving a place back would help nobody and only change what was."""
    if session.called_off_at:
        raise Refused(_("本场已经取消，不必再取消报名。"), "cancelled")
    if is_over(session, now):
        raise Refused(_("本场已经结束，报名不能再取消。"), "closed")


def takes_place(session: Dated, now: datetime) -> bool:
    """Whether a place in it is still worth something: neither called off nor over."""
    return not session.called_off_at and not is_over(session, now)


class Held(Dated, Protocol):
    @property
    def state(self) -> SeatState: ...
    @property
    def attended_at(self) -> datetime | None: ...


def is_cancellable(seat: Held, now: datetime) -> bool:
    """Whether the ticket offers to give this seat back."""
    held = seat.state != SeatState.RELEASED and not seat.attended_at
    return held and takes_place(seat, now)


H = TypeVar("H", bound=Held)


def current_seat(seats: Sequence[H], now: datetime) -> H:
    """What a ticket is about today, of its seats by time: the first that is held and to come, or else the last."""
    coming = (seat for seat in seats if seat.state != SeatState.RELEASED and takes_place(seat, now))
    return next(coming, seats[-1])


def in_calendar(state: SeatState) -> bool:
    """A place that is not certain is no appointment; one that was given back is a cancelled one."""
    return state in (SeatState.CONFIRMED, SeatState.RELEASED)


def already_registered() -> Refused:
    """For a script that did not register this person, and whose account works for another union."""
    return Refused(
        _("这个姓名和手机号码已经报过名。请本人用报名时的六位查询码找回入场码，或联系主办单位。"),
        "already_registered",
    )


def full() -> Refused:
    return Refused(phase_sentence(Phase.FULL), "full")


def state_name(state: str, cause: str | None = None) -> str:
    """The `cause` tells a refusal, and a place that somebody else took over, from what was given back."""
    if state == SeatState.RELEASED and cause == Cause.DECLINED:
        return _("未通过")
    if state == SeatState.RELEASED and cause == Cause.EXCHANGED:
        return _("已换人")
    names = {
        SeatState.ENTERED: _("待抽签"),
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
