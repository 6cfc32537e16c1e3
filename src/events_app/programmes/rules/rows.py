"""Rows of a table of sessions to be: which column is which, and what a row says."""

from datetime import datetime
from typing import TypeAlias

import msgspec

# As typed, "" for nothing. Besides FIELDS a batch keeps in each row `line`, its number, and `accepted`, the keys of
# the warnings that somebody has ticked, parted by blanks; where a rule made the rows, `note` says what it moved.
Row: TypeAlias = dict[str, str]
FIELDS = ("site", "venue", "address", "day", "starts", "ends", "capacity", "title", "guests", "in_charge")


class Defaults(msgspec.Struct, frozen=True):
    """What a row leaves open: `venue`, `address`, `capacity`, `starts` and `ends` as typed, "" for nothing.

    `remarks` are sentences to show above the rows, such as the days that a rule left out.
    """

    opens_at: datetime
    closes_at_start: bool = True
    waiting_list: bool = True
    check_in_lead: int = 60
    venue: str = ""
    address: str = ""
    capacity: str = ""
    starts: str = ""
    ends: str = ""
    remarks: list[str] = []
