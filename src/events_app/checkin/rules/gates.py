"""When a device may stand at a door, and how that is said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from events_app.lib import clock
from events_app.lib.errors import Forbidden, Invalid
from events_app.lib.language import gettext as _

# A gate's page asks for news every minute: whose device was not heard of for two has no network, or is switched off.
HEARD_WITHIN = timedelta(minutes=2)
# Staff come before the guests, and who goes out may do so an hour after the doors have closed.
BEFORE = AFTER = timedelta(hours=1)
_LONGEST = timedelta(days=366)
_REMEMBERED = timedelta(days=30)


class GateState(StrEnum):
    """`waiting`: nobody opened its link yet. `early`: its hours have not begun. `quiet`: not heard of any more."""

    WAITING = "waiting"
    EARLY = "early"
    ONLINE = "online"
    QUIET = "quiet"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Hours(Protocol):
    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def revoked_at(self) -> datetime | None: ...


class Gate(Hours, Protocol):
    @property
    def label(self) -> str: ...
    @property
    def valid(self) -> bool: ...


class Device(Hours, Protocol):
    @property
    def opened_at(self) -> datetime | None: ...
    @property
    def seen_at(self) -> datetime | None: ...


class CheckInHours(Protocol):
    @property
    def check_in_opens_at(self) -> datetime: ...
    @property
    def check_in_closes_at(self) -> datetime: ...


def gate_state(gate: Device, now: datetime) -> GateState:
    if gate.revoked_at:
        return GateState.REVOKED
    if now > gate.closes_at:
        return GateState.EXPIRED
    if gate.opened_at is None:
        return GateState.WAITING
    if now < gate.opens_at:
        return GateState.EARLY
    heard = gate.seen_at is not None and now - gate.seen_at < HEARD_WITHIN
    return GateState.ONLINE if heard else GateState.QUIET


def gate_state_name(state: str) -> str:
    names = {
        GateState.WAITING: _("待打开"),
        GateState.EARLY: _("未到时间"),
        GateState.ONLINE: _("在线"),
        GateState.QUIET: _("没有联系"),
        GateState.EXPIRED: _("已过期"),
        GateState.REVOKED: _("已作废"),
    }
    return names[GateState(state)]


def gate_state_colour(state: str) -> str:
    """One of the states that a badge has a colour for."""
    colours = {
        GateState.WAITING: "soon",
        GateState.EARLY: "soon",
        GateState.ONLINE: "open",
        GateState.QUIET: "pending",
        GateState.EXPIRED: "closed",
        GateState.REVOKED: "called_off",
    }
    return colours[GateState(state)]


def usual_hours(sessions: Sequence[CheckInHours]) -> tuple[datetime, datetime] | None:
    """From before the first of these doors opens until after the last has closed; None without sessions."""
    if not sessions:
        return None
    return (
        min(session.check_in_opens_at for session in sessions) - BEFORE,
        max(session.check_in_closes_at for session in sessions) + AFTER,
    )


def check_hours(opens_at: datetime, closes_at: datetime, now: datetime) -> None:
    """Raises Invalid."""
    if closes_at <= opens_at:
        raise Invalid({"closes_at": _("结束时间应晚于开始时间。")})
    if closes_at <= now:
        raise Invalid({"closes_at": _("结束时间已经过去，请选一个以后的时间。")})
    if closes_at - opens_at > _LONGEST:
        raise Invalid({"closes_at": _("签到点最长使用一年，请把结束时间提前。")})


def check_gates(gates: Sequence[Hours], now: datetime) -> None:
    """Raises Forbidden, by the newest of the gates that a device was at this door, where none is good now."""
    if gates:
        reason, sentence = closed_reason(gates[0], now)
        raise Forbidden(sentence, reason)


def closed_gates(gates: Sequence[Gate], now: datetime) -> list[tuple[str, str]]:
    """What a device was, or is going to be: labels, and why it cannot be used. Of what was, the last month's."""
    closed = [gate for gate in gates if not gate.valid and now - gate.closes_at < _REMEMBERED]
    return [(gate.label, closed_reason(gate, now)[1]) for gate in closed]


def closed_reason(gate: Hours, now: datetime) -> tuple[str, str]:
    """Why this gate cannot be used at this moment: a stable word and a sentence."""
    if gate.revoked_at:
        return "gate_revoked", _(
            "这个签到点已被组织者作废，这台设备不能再签到。要继续用，请组织者给您新的二维码。"
        )
    if now < gate.opens_at:
        at = clock.moment_text(gate.opens_at)
        return "gate_early", _("这个签到点从%(at)s起可以使用，请到时再打开。", at=at)
    at = clock.moment_text(gate.closes_at)
    return "gate_expired", _("这个签到点已于%(at)s到期。还要签到时，请组织者延长时间。", at=at)
