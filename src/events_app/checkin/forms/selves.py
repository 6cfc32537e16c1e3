"""What a participant's own phone sends from the hall."""

from typing import Annotated

import msgspec

from events_app.web.forms import digits, line, name, optional, phone, whole

_FARTHEST = 20_100_000  # metres: half way round the earth


class DigitsForm(msgspec.Struct):
    digits: Annotated[str, digits(6)]


class PresenceForm(msgspec.Struct):
    """`ticket` is one of this phone's own; "" where the person says who they are. `distance` "" is not told."""

    grant: Annotated[str, line(100)]
    nonce: Annotated[str, line(64)]
    ticket: Annotated[str, line(26, required=False)]
    distance: Annotated[int | str, optional(whole(0, _FARTHEST))]


class PersonForm(msgspec.Struct):
    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    pin: Annotated[str, digits(6)]
