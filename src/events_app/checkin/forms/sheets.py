"""How a sheet is made, and what was read off one."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.checkin.rules.sheets import LINES_A_PAGE, MOST_BLANKS
from events_app.web.forms import many, moment, whole


class SheetForm(msgspec.Struct):
    blanks: Annotated[int, whole(0, MOST_BLANKS)]


class SignaturesForm(msgspec.Struct):
    """`seat`: whose signatures stand there, `at` when they came. `turn` tells a page that is typed in again, after
    something on it was taken back, from the same form sent twice.
    """

    at: Annotated[datetime, moment()]
    seat: Annotated[list[int], many(whole(1, 10**12 - 1), LINES_A_PAGE)]
    turn: Annotated[int, whole(0, 10**9)]
