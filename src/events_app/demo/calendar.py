"""When the demo's sessions are: days from today become moments."""

from datetime import date, datetime, time, timedelta

import msgspec

from events_app.demo.plan import Session
from events_app.lib.clock import ZONE

_REGISTRATION = timedelta(days=30)
_BEFORE = timedelta(hours=1)


class Times(msgspec.Struct, frozen=True):
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime


def times(session: Session, today: date) -> Times:
    """Registration closes an hour before the start, but for sessions that scripts use or that go on for days."""
    day = today + timedelta(days=session.day)
    starts_at = datetime.combine(day, time.fromisoformat(session.at), ZONE)
    ends_at = starts_at + timedelta(hours=session.lasts)
    return Times(
        starts_at=starts_at,
        ends_at=ends_at,
        opens_at=starts_at - _REGISTRATION,
        closes_at=ends_at if session.part else starts_at - _BEFORE,
        check_in_opens_at=starts_at - _BEFORE,
        check_in_closes_at=ends_at,
    )
