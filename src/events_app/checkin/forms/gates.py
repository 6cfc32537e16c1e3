"""What organisers say of a gate."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.web.forms import line, moment


class GateForm(msgspec.Struct, frozen=True):
    """How the door is called, and when its device may be used."""

    label: Annotated[str, line(40)]
    opens_at: Annotated[datetime, moment()]
    closes_at: Annotated[datetime, moment()]
