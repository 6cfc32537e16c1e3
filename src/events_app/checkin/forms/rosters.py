"""What a touch on the list sends."""

from typing import Annotated

import msgspec

from events_app.web.forms import line, many, optional, whole

MOST_MEMBERS = 900  # a form may have a thousand fields


class TickForm(msgspec.Struct):
    nonce: Annotated[str, line(64)]


class UntickForm(msgspec.Struct):
    """The same nonce twice is one taking back."""

    nonce: Annotated[str, line(30)]
    reason: Annotated[str, line(200)]


class ArrivalForm(msgspec.Struct):
    """`seat`: those of the group who are here. `heads`: how many of those without names, or ""."""

    nonce: Annotated[str, line(40)]
    seat: Annotated[list[int], many(whole(1, 10**12 - 1), MOST_MEMBERS)]
    heads: Annotated[int | str, optional(whole(0, 99_999))]
