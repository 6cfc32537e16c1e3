"""What organisers send to plan sessions, or a whole activity, once more."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from events_app.programmes.rules.copies import Shift
from events_app.web.forms import day, line, many, one_of, optional, tick, whole

_MOST_SESSIONS = 500


class CopiesForm(msgspec.Struct):
    """`sessions` by their codes. Only what the chosen `shift` needs has to be there."""

    sessions: Annotated[list[str], many(line(20), _MOST_SESSIONS)]
    shift: Annotated[Shift, one_of(Shift)]
    amount: Annotated[int | Literal[""], optional(whole(-3650, 3650))]
    first: Annotated[date | Literal[""], optional(day())]
    whole_weeks: Annotated[bool, tick()]


class CopyForm(msgspec.Struct):
    """A new activity like another one; `first` is the day of its first session."""

    title: Annotated[str, line(120)]
    with_sessions: Annotated[bool, tick()]
    first: Annotated[date | Literal[""], optional(day())]
    whole_weeks: Annotated[bool, tick()]
