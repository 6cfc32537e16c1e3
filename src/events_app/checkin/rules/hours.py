"""How long somebody was in a session, whether that counts, and how many hours (学时) come together.

Only the time between a session's start and its end counts, so whoever is early at the door, or late out of it, is not
present for longer. Whoever was not checked out was there until the end, unless the activity wants people checked out.
Whoever was written down afterwards, or signed on paper and was never scanned out, was there all the time: somebody
vouches for them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from events_app.lib.language import gettext as _
from events_app.registration.tables import Evidence

Stays = Sequence[tuple[datetime, datetime | None]]
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


class Worth(msgspec.Struct, frozen=True):
    """Columns of the activity; see programmes.tables.Activity."""

    minimum_minutes: int | None = None
    must_check_out: bool = False
    session_hours: Decimal | None = None
    certificates: bool = False
    certificate_hours: Decimal | None = None


class Presence(msgspec.Struct, frozen=True):
    """What is known of a seat that somebody came to, beside its session's times. `session` is that one's code."""

    seat: int
    registration: int
    session: str
    starts_at: datetime
    ends_at: datetime
    attended_at: datetime
    moved_at: datetime
    evidence: Evidence
    inside: bool
    seconds: int


class Finding(StrEnum):
    """What a presence comes to: it counts, or why it does not (yet)."""

    COUNTS = "counts"
    EARLY = "early"
    SHORT = "short"
    NOT_OUT = "not_out"


class Credit(msgspec.Struct, frozen=True):
    """One seat's whole `minutes` within its session, and whether they count."""

    session: str
    starts_at: datetime
    minutes: int
    finding: Finding
    evidence: Evidence = Evidence.SCAN

    @property
    def counts(self) -> bool:
        return self.finding == Finding.COUNTS


class Record(msgspec.Struct, frozen=True):
    """All that one person has come to of an activity. `hours` is None where the activity counts none."""

    credits: Mapping[str, Credit] = {}
    sessions: int = 0
    hours: Decimal | None = None
    qualifies: bool = False


def needs_log(presence: Presence) -> bool:
    """Whether the seat's columns do not tell its stays: who came back must be looked up in the scans."""
    since = presence.moved_at - presence.attended_at
    once = not since if presence.inside else presence.seconds == since // _SECOND
    return not once


def stays_of(presence: Presence) -> Stays:
    """From the seat's columns, where these tell it (`needs_log`)."""
    if presence.inside:
        return [(presence.moved_at, None)]
    return [(presence.attended_at, presence.moved_at)]


def credit(presence: Presence, stays: Stays, worth: Worth, now: datetime) -> Credit:
    """What these stays are worth at this moment; a session under way counts as soon as its minutes are reached."""
    minutes, finding = _judged(presence, stays, worth, now)
    return Credit(presence.session, presence.starts_at, minutes, finding, presence.evidence)


def record(credits: Sequence[Credit], worth: Worth) -> Record:
    """Whoever has enough of what counts qualifies for the certificate, if the activity gives any."""
    sessions = sum(credit.counts for credit in credits)
    hours = None if worth.session_hours is None else worth.session_hours * sessions
    enough = worth.certificate_hours is None or (hours or 0) >= worth.certificate_hours
    qualifies = worth.certificates and sessions > 0 and enough
    return Record({credit.session: credit for credit in credits}, sessions, hours, qualifies)


def hours_missing(record: Record, worth: Worth) -> Decimal:
    """How many hours more a certificate takes; none where it takes no hours."""
    return max((worth.certificate_hours or Decimal(0)) - (record.hours or Decimal(0)), Decimal(0))


def finding_name(finding: str) -> str:
    names = {
        Finding.COUNTS: _("算参加"),
        Finding.EARLY: _("尚未开始"),
        Finding.SHORT: _("在场不够久"),
        Finding.NOT_OUT: _("未登记离场"),
    }
    return names[Finding(finding)]


def credit_name(credit: Credit) -> str:
    """What it comes to; what somebody added afterwards says so."""
    name = finding_name(credit.finding)
    if credit.evidence == Evidence.LATER:
        return _("%(finding)s（补录）", finding=name)
    return name


def _judged(presence: Presence, stays: Stays, worth: Worth, now: datetime) -> tuple[int, Finding]:
    if now < presence.starts_at:
        return 0, Finding.EARLY
    if _is_vouched_for(presence):
        return (presence.ends_at - presence.starts_at) // _MINUTE, Finding.COUNTS
    if worth.must_check_out:
        stays = [(came, left) for came, left in stays if left is not None]
        if not stays:
            return 0, Finding.NOT_OUT
    minutes = _present(presence, stays, now) // _MINUTE
    return minutes, Finding.SHORT if minutes < (worth.minimum_minutes or 0) else Finding.COUNTS


def _is_vouched_for(presence: Presence) -> bool:
    never_left = presence.inside and presence.moved_at == presence.attended_at
    on_paper = presence.evidence == Evidence.PAPER and never_left
    return on_paper or presence.evidence == Evidence.LATER


def _present(presence: Presence, stays: Stays, now: datetime) -> timedelta:
    end = min(now, presence.ends_at)
    spans = (min(left or end, end) - max(came, presence.starts_at) for came, left in stays)
    return sum((max(span, timedelta(0)) for span in spans), timedelta(0))
