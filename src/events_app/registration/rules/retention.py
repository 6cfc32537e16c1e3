"""When what is personal has to go."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from events_app.registration.rules.terms import KEEP_DAYS, TermsVersion


class Retained(Protocol):
    """An activity with how long each version of its terms keeps what it asks for."""

    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def erased_until(self) -> datetime | None: ...
    @property
    def keep_days(self) -> Sequence[int]: ...


class Outlook(msgspec.Struct, frozen=True):
    """What an organiser is told: `after` so many days at the latest, `at` that time if the end is known, or `done`."""

    after: int
    at: datetime | None = None
    done: bool = False


def is_due(ended_at: datetime, days: int, now: datetime) -> bool:
    return ended_at + timedelta(days=days) <= now


def questions_due(terms: TermsVersion, ended_at: datetime, now: datetime) -> list[str]:
    """The codes of those whose answers are kept for a shorter time than the rest, and that is over."""
    return [
        q.code
        for q in terms.questions
        if q.keep_days is not None and q.keep_days < terms.keep_days and is_due(ended_at, q.keep_days, now)
    ]


def outlook(retained: Retained) -> Outlook:
    """By the version that keeps longest: then everybody's is gone."""
    days = max(retained.keep_days, default=KEEP_DAYS)
    if retained.ended_at is None:
        return Outlook(days)
    at = retained.ended_at + timedelta(days=days)
    return Outlook(days, at, done=retained.erased_until is not None and retained.erased_until >= at)
