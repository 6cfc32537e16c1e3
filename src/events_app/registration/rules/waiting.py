"""Who gets the places that are free: strictly in the order of the line, and nobody is passed over."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

import msgspec


class Waiting(msgspec.Struct, frozen=True):
    """Somebody in the line of one session. People of one `party` stand behind one another and are served together."""

    seat: int
    session: int
    registration: int
    party: int | None = None
    number: int = 0

    @property
    def group(self) -> tuple[bool, int]:
        """The same for all that get their places together: a party, or one person in all sessions of a course."""
        return (True, self.party) if self.party else (False, self.registration)


# By session, in the order of the waiting numbers.
Lines = Mapping[int, Sequence[Waiting]]


def next_in_line(free: Mapping[int, int], lines: Lines) -> list[Waiting]:
    """Whom the `free` places of these sessions go to.

    A group is served when it stands first in every line that it stands in and finds room for all of itself in each
    of them. Until then the places are kept for it, and the line behind it waits.
    """
    left = dict(free)
    rest = {session: list(line) for session, line in lines.items()}
    served: list[Waiting] = []
    while group := next(_served_now(left, rest), None):
        for waiting in group:
            left[waiting.session] -= 1
            rest[waiting.session].remove(waiting)
        served += group
    return served


def _served_now(left: Mapping[int, int], lines: Lines) -> Iterator[list[Waiting]]:
    for line in lines.values():
        if line and (group := _whole_group(line[0], lines)) and has_room(group, left):
            yield group


def _whole_group(head: Waiting, lines: Lines) -> list[Waiting]:
    """Everybody of its group, if they stand first wherever they stand; otherwise nobody."""
    found: list[Waiting] = []
    for line in lines.values():
        first = list(takewhile(lambda waiting: waiting.group == head.group, line))
        if not first and any(waiting.group == head.group for waiting in line):
            return []
        found += first
    return found


def has_room(group: Sequence[Waiting], left: Mapping[int, int]) -> bool:
    """Whether all of it fits into what is `left` of its sessions."""
    sessions = [waiting.session for waiting in group]
    return all(sessions.count(session) <= left[session] for session in set(sessions))


def position_of(one: Waiting, line: Sequence[Waiting]) -> int:
    """Where the first of their group stands, counted over people from 1."""
    return next(place for place, other in enumerate(line, 1) if other.group == one.group)


def reordered(line: Sequence[Waiting], moved: Waiting, position: int) -> list[Waiting]:
    """The line when the group of `moved` begins at `position`, counted over people from 1.

    Parties stay together: inside another party the place behind it counts.
    """
    own = [one for one in line if one.group == moved.group]
    rest = [one for one in line if one.group != moved.group]
    at = min(max(position - 1, 0), len(rest))
    while 0 < at < len(rest) and rest[at].group == rest[at - 1].group:
        at += 1
    return [*rest[:at], *own, *rest[at:]]


def offer_ends(now: datetime, minutes: int | None, starts_at: datetime | None) -> datetime | None:
    """Until when a place is kept for a yes; None when it is theirs at once.

    Nobody is asked after the start any more, and an offer does not outlast it. A session that was postponed has no
    start yet.
    """
    if minutes is None or (starts_at and starts_at <= now):
        return None
    end = now + timedelta(minutes=minutes)
    return min(end, starts_at) if starts_at else end
