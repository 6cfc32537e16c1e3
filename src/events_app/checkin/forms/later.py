"""Who came without having been checked in."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.web.forms import line, many, moment, whole

MOST_AT_ONCE = 200


class LaterForm(msgspec.Struct):
    """`seat`: who came, `at` when. The same nonce twice is one coming."""

    seat: Annotated[list[int], many(whole(1, 10**12 - 1), MOST_AT_ONCE)]
    at: Annotated[datetime, moment()]
    reason: Annotated[str, line(200, required=False)]
    nonce: Annotated[str, line(40)]
