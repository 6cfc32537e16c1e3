"""What a gate brings that was without network."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.checkin.tables import Direction, Verdict
from events_app.web.forms import instant, line, one_of, optional, tick


class SyncedScan(msgspec.Struct):
    """One of POST /gate/{code}/sync. `shown` is what the device told the guest, "" for nothing else than admitted."""

    ticket: Annotated[str, line(500)]
    nonce: Annotated[str, line(64)]
    direction: Annotated[Direction, one_of(Direction)]
    device_at: Annotated[datetime | None, instant()]
    offline: Annotated[bool, tick()]
    shown: Annotated[str, optional(one_of(Verdict))]
    undoes: Annotated[str, line(64, required=False)]
    place: Annotated[str, line(40, required=False)]
