"""What stands in the way of a planned session: the same people and places elsewhere, closed doors, days off."""

from datetime import datetime
from enum import StrEnum

import msgspec


class ClashKind(StrEnum):
    GUEST = "guest"
    TRAVEL = "travel"
    ABSENCE = "absence"
    VENUE = "venue"
    CAPACITY = "capacity"
    HOURS = "hours"
    SITE = "site"
    IN_CHARGE = "in_charge"
    HOLIDAY = "holiday"
    MORE = "more"


class Planned(msgspec.Struct, frozen=True):
    """A session that is about to be saved; `session` is its own id when it has one already. The rest are ids."""

    starts_at: datetime
    ends_at: datetime
    venue: int | None
    site: int | None
    in_charge: int | None
    guests: list[int]
    capacity: int
    session: int | None = None


class Clash(msgspec.Struct, frozen=True):
    """A warning. `session` is the code of the other session, or "" when there is none; it is another union's unless
    `own`. `row` is the other one's place in the list that is planned together. `key` names what was shown: it changes
    with every fact of the sentence, so that a tick accepts nothing else.
    """

    kind: ClashKind
    sentence: str
    session: str
    key: str
    own: bool = True
    row: int | None = None
