"""Sessions as entries of a calendar file."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from events_app.lib.ical import Entry
from events_app.lib.language import gettext as _
from events_app.programmes.rules.activities import CONFIDENTIAL, kind_name
from events_app.programmes.rules.sessions import calendar_uid
from events_app.programmes.tables import Kind
from events_app.schedules.rules.schedule import headline


class Appointment(msgspec.Struct, frozen=True):
    """A session as a calendar needs it. `hosts` are the names of those with the role host.

    Only private calendars hold what is `tentative` or not `published`, or of a confidential kind.
    """

    code: str
    title: str
    activity_title: str
    kind: Kind
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    sequence: int
    postponed_at: datetime | None
    called_off_at: datetime | None
    called_off_reason: str
    venue: str
    address: str
    latitude: float | None
    longitude: float | None
    site: str | None
    hosts: str
    tentative: bool = False
    published: bool = True

    @property
    def is_confidential(self) -> bool:
        return self.kind in CONFIDENTIAL


def entries(appointments: Iterable[Appointment], base_url: str) -> tuple[Entry, ...]:
    """What goes into a feed. The uid is for ever, whatever else of a session changes."""
    return tuple(
        Entry(
            uid=calendar_uid(a.code, base_url),
            title=_("工会服务") if a.is_confidential else headline(a.activity_title, a.title),
            starts_at=a.starts_at,
            ends_at=a.ends_at,
            updated_at=a.updated_at,
            sequence=a.sequence,
            cancelled=a.called_off_at is not None,
            postponed=a.postponed_at is not None,
            tentative=a.tentative,
            location="，".join(filter(None, (_place(a), a.address))),
            description="" if a.is_confidential else _description(a),
            url=f"{base_url}/s/{a.code}" if a.published and not a.is_confidential else "",
            geo=None if a.latitude is None or a.longitude is None else (a.latitude, a.longitude),
        )
        for a in appointments
    )


def _place(appointment: Appointment) -> str:
    """The school's name before the room's, unless the room's has it."""
    site = appointment.site or ""
    return appointment.venue if site in appointment.venue else f"{site} {appointment.venue}"


def _description(appointment: Appointment) -> str:
    reason = appointment.called_off_reason if appointment.called_off_at else ""
    lines = [
        _("取消原因：%(reason)s", reason=reason) if reason else "",
        _("类型：%(kind)s", kind=kind_name(appointment.kind)),
        _("主办：%(hosts)s", hosts=appointment.hosts),
    ]
    return "\n".join(filter(None, lines))
