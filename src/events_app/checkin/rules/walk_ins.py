"""Whether somebody who did not register may come in, and the words for what became of it."""

from datetime import datetime
from typing import Protocol

from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Verdict
from events_app.lib.clock import span_text
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.registration.rules.seats import AtTheDoor, check_door
from events_app.registration.tables import SeatState


class Doors(AtTheDoor, Protocol):
    @property
    def check_in_closes_at(self) -> datetime: ...


def check_walk_ins(session: Doors, now: datetime) -> None:
    """Raises Refused when nobody is registered at this door now, whoever they are."""
    check_door(session)
    if not session.check_in_opens_at <= now <= session.check_in_closes_at:
        hours = span_text(session.check_in_opens_at, session.check_in_closes_at)
        raise Refused(_("现在不是签到时间。签到时间：%(hours)s。", hours=hours), "not_open")


def no_room() -> Refused:
    sentence = _(
        "没有空余名额，或者前面还有人候补，这次没有登记。请来人稍等，并告诉活动负责人：可以增加名额，"
        "也可以介绍其他场次。"
    )
    return Refused(sentence, "full")


def check_namesakes(name: str, number: int) -> None:
    """Raises Refused when somebody of this name is expected: registered twice, one of the two would never come."""
    if number:
        sentence = _(
            "名单上有%(n)s位%(name)s还没有到，手机号码不一样。是同一个人，请在名单上签到；"
            "不是同一个人，请勾选“是另一个人”，再登记。",
            n=number,
            name=name,
        )
        raise Refused(sentence, "namesake")


def walk_in_sentence(before: SeatState | None, verdict: Verdict) -> str:
    """What the gate reads out; `before` is the state of the seat that they held already, None for a new one."""
    if verdict != Verdict.ADMITTED:
        return _refused_sentence(before, verdict)
    if before is None:
        return _("已登记，并已签到。")
    if before == SeatState.CONFIRMED:
        return _("原来就报过名：没有再登记，已按原来的报名签到。")
    return _("原来在候补名单上：现在有空余名额，已给名额并签到。")


def _refused_sentence(before: SeatState | None, verdict: Verdict) -> str:
    if before in (SeatState.WAITLISTED, SeatState.OFFERED):
        return _("还在候补名单上，现在没有空余名额，不能放行。请稍等，或请活动负责人增加名额。")
    return verdict_sentence(verdict)
