"""What an invitation says, and whether it can be answered now."""

from datetime import datetime, timedelta
from typing import Protocol

from events_app.lib.clock import span_text
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Answer

# An answer is overdue when it has been awaited, or the session is near, by this much.
PATIENCE = timedelta(days=3)
_LONGEST = timedelta(days=31)

_COLOURS = {
    Answer.OPEN: "pending",
    Answer.ACCEPTED: "confirmed",
    Answer.DECLINED: "called_off",
    Answer.COUNTERED: "offered",
}


class Asked(Protocol):
    """What decides whether somebody is still asked."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def called_off_at(self) -> datetime | None: ...
    @property
    def postponed_at(self) -> datetime | None: ...
    @property
    def sequence(self) -> int: ...


def answer_name(answer: str) -> str:
    names = {
        Answer.OPEN: _("待答复"),
        Answer.ACCEPTED: _("已答应"),
        Answer.DECLINED: _("已谢绝"),
        Answer.COUNTERED: _("另提时间"),
    }
    return names[Answer(answer)]


def answer_colour(answer: str) -> str:
    """As badges have it."""
    return _COLOURS[Answer(answer)]


def closed_sentence(session: Asked, now: datetime) -> str:
    """Why there is nothing to answer any more; "" while there is."""
    if session.called_off_at:
        return _("本场已经取消，不用再答复。")
    if session.postponed_at:
        return _("本场已经延期，新的时间还没有定。定下后会通知您。")
    if now >= session.starts_at:
        return _("本场已经开始，不能再答复。有变化时请直接联系主办单位。")
    return ""


def check_answerable(session: Asked, sequence: int, now: datetime) -> None:
    """`sequence` is that of the session as it was shown to who answers; raises Refused."""
    if sentence := closed_sentence(session, now):
        raise Refused(sentence, "closed")
    if sequence != session.sequence:
        raise Refused(_("本场刚刚有变动，请看清现在的时间和地点，再答复一次。"), "moved")


def check_askable(session: Asked, now: datetime) -> None:
    """Raises Refused where nobody can be invited any more."""
    if session.called_off_at:
        raise Refused(_("本场已经取消，不能再邀请。"), "called_off")
    if session.postponed_at:
        raise Refused(_("本场已经延期。请先定下新的时间，再邀请。"), "postponed")
    if now >= session.starts_at:
        raise Refused(_("本场已经开始，不能再邀请。"), "begun")


def is_askable(session: Asked, now: datetime) -> bool:
    try:
        check_askable(session, now)
    except Refused:
        return False
    return True


def proposal_errors(starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, str]:
    """What is wrong with another time that is proposed, by field."""
    if starts_at <= now:
        return {"starts_at": _("请选择以后的时间。")}
    if ends_at <= starts_at:
        return {"ends_at": _("结束时间应晚于开始时间。")}
    if ends_at - starts_at > _LONGEST:
        return {"ends_at": _("一个场次最长31天；更长的活动请分成几个场次。")}
    return {}


class Announced(Asked, Protocol):
    """What a message names a session by."""

    @property
    def ends_at(self) -> datetime: ...
    @property
    def activity_title(self) -> str: ...


def reopened_text(said: str) -> str:
    """After what was said of the move."""
    return _("%(said)s您以前的答复不再有效，请从原来的邀请链接再答复一次。", said=said)


def taken_up_text(session: Announced) -> str:
    when = span_text(session.starts_at, session.ends_at)
    return _(
        "“%(title)s”的场次已按您提出的时间定于%(when)s，不用再答复。", title=session.activity_title, when=when
    )


def withdrawn_text(session: Announced) -> str:
    when = span_text(session.starts_at, session.ends_at)
    return _(
        "“%(title)s”%(when)s的场次不再需要您参加，原来的邀请已撤回。谢谢您。",
        title=session.activity_title,
        when=when,
    )


def invitation_text(session: Announced, who: str, asking: str, place: str, link: str) -> str:
    """What the organiser sends by WeChat."""
    when = span_text(session.starts_at, session.ends_at)
    return _(
        "%(who)s：%(asking)s邀请您参加“%(title)s”，时间：%(when)s，地点：%(place)s。请点开链接答复：%(link)s",
        who=who,
        asking=asking,
        title=session.activity_title,
        when=when,
        place=place,
        link=link,
    )


def proposal_text(session: Announced, who: str, asking: str, place: str, link: str) -> str:
    """The same for a host school or company."""
    when = span_text(session.starts_at, session.ends_at)
    return _(
        "%(who)s：%(asking)s拟在贵单位举办“%(title)s”，时间：%(when)s，地点：%(place)s。请点开链接确认，或另提时间：%(link)s",
        who=who,
        asking=asking,
        title=session.activity_title,
        when=when,
        place=place,
        link=link,
    )
