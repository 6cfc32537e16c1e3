"""Adding afterwards (补录) that somebody came: when that can be said, and what it takes."""

from datetime import datetime
from typing import Protocol

from events_app.lib import clock
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _


class Held(Protocol):
    """A session that took place, or not."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def postponed_at(self) -> datetime | None: ...
    @property
    def called_off_at(self) -> datetime | None: ...


def check_begun(session: Held, now: datetime) -> None:
    """Raises Refused while nobody can have come."""
    if session.called_off_at:
        raise Refused(_("本场已取消，没有人可以补录。"), "cancelled")
    if session.postponed_at:
        raise Refused(_("本场已延期，没有人可以补录。"), "postponed")
    if now < session.starts_at:
        sentence = _("活动还没有开始，现在不能补录。来了的人，请在签到页扫码或在名单上签到。")
        raise Refused(sentence, "not_open")


def check_coming(session: Held, at: datetime, now: datetime) -> None:
    """`at` is a whole minute of the session; raises Invalid."""
    if at > now:
        raise Invalid({"at": _("到场时间不能晚于现在。")})
    if not session.starts_at.replace(second=0, microsecond=0) <= at <= session.ends_at:
        span = clock.span_text(session.starts_at, session.ends_at)
        raise Invalid({"at": _("到场时间应在活动开始到结束之间：%(span)s。", span=span)})


def usual_coming(session: Held) -> datetime:
    return session.starts_at
