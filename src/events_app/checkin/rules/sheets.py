"""Sign-in sheets: which lines stand on which page, and when somebody who signed came.

Printed pages and the server's are the same, because every page has the same number of lines of the same height.
"""

from datetime import datetime
from typing import Protocol

from events_app.lib import clock
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.programmes.tables import Kind

LINES_A_PAGE = 20
MOST_BLANKS = 100
_FEW = 5


class Times(Protocol):
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def check_in_opens_at(self) -> datetime: ...
    @property
    def check_in_closes_at(self) -> datetime: ...


def count_pages(people: int, blanks: int) -> int:
    return max(1, -(-(people + blanks) // LINES_A_PAGE))


def numbers_on(page: int, people: int, blanks: int) -> range:
    """The numbers of the lines on that page, from 1; nothing for a page that is not there."""
    first = (page - 1) * LINES_A_PAGE + 1
    return range(first, min(first + LINES_A_PAGE, people + blanks + 1)) if page > 0 else range(0)


def usual_blanks(people: int, *, walk_ins: bool) -> int:
    """The rest of the last page, and never too few for those who come without having registered."""
    rest = -people % LINES_A_PAGE
    if not people:
        return LINES_A_PAGE
    return (rest if rest >= _FEW else rest + LINES_A_PAGE) if walk_ins else 0


def check_blanks(people: int, blanks: int) -> None:
    """Raises Invalid for a sheet without a line."""
    if not people and not blanks:
        raise Invalid({"blanks": _("本场还没有人有名额。要打印空的签到表，请填写空白行数。")})


def is_masked(kind: Kind) -> bool:
    """The sheet lies open on a table: whoever signs sees who else is there, and of what is confidential must not."""
    return kind in CONFIDENTIAL


def usual_time(session: Times, now: datetime) -> datetime:
    """When people who signed came, if nobody says otherwise."""
    return min(session.starts_at, now)


def check_time(session: Times, at: datetime, now: datetime) -> None:
    """`at` is a whole minute. Raises Invalid when nobody can have signed then."""
    last = max(session.ends_at, session.check_in_closes_at)
    if at > now:
        raise Invalid({"at": _("时间不能晚于现在。")})
    if not to_minute(session.check_in_opens_at) <= at <= last:
        span = clock.span_text(session.check_in_opens_at, last)
        raise Invalid({"at": _("时间应在开始签到到活动结束之间：%(span)s。", span=span)})


def to_minute(moment: datetime) -> datetime:
    """As a form has it."""
    return moment.replace(second=0, microsecond=0)


def within_minute(at: datetime, start: datetime) -> datetime:
    """The start itself, when its minute was typed."""
    return start if at == to_minute(start) else at
