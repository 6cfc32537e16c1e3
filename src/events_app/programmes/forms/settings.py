"""How a union plans, as its owners send it."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from events_app.web.forms import day, line, optional, tick, whole


class PolicyForm(msgspec.Struct):
    """`organization` is its code, as in the other forms."""

    organization: Annotated[str, line(40)]
    travel_speed: Annotated[int, whole(1, 300)]
    reviews: Annotated[bool, tick()]


class DaysForm(msgspec.Struct):
    """From `first` to `last`, both included; without `last` one day. `works`: they are worked, else they are off."""

    organization: Annotated[str, line(40)]
    first: Annotated[date, day()]
    last: Annotated[date | Literal[""], optional(day())]
    works: Annotated[bool, tick()]
    name: Annotated[str, line(60)]


class DayForm(msgspec.Struct):
    organization: Annotated[str, line(40)]
    day: Annotated[date, day()]
