"""Drawing lots so that anybody can repeat it: from a seed told beforehand, the list of entries, and their numbers."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

import msgspec

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission, Kind
from events_app.registration.rules.terms import SENSITIVE_KINDS

_HEADER = "number,group,mark"
_MARK_LENGTH = 12

# Shown on the page beside the words: it must stay so short that one can read it, and do what `order` does.
PROGRAM = """\
import csv, hashlib, sys
seed, places, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
data = open(file, "rb").read()
digest = hashlib.sha256(data).hexdigest()
groups = {}
for number, group, mark in list(csv.reader(data.decode().splitlines()))[1:]:
    groups.setdefault(group, []).append(number)
def rank(group):
    return hashlib.sha256(f"{seed}\\n{digest}\\n{group}".encode()).hexdigest()
full = False
for group in sorted(groups, key=rank):
    full = full or len(groups[group]) > places
    places = places if full else places - len(groups[group])
    for number in groups[group]:
        print("waiting" if full else "drawn", number)
"""


class Entry(msgspec.Struct, frozen=True):
    """One line of the list. Those with the same `group`, the lowest number among them, are drawn as one.

    The `mark` ties the number to a ticket without telling whose it is.
    """

    number: int
    group: int
    mark: str


class Result(msgspec.Struct, frozen=True):
    """Entry numbers in the order in which they were drawn: who has a place, and who waits."""

    drawn: list[int]
    waiting: list[int]

    @property
    def everybody(self) -> list[int]:
        return [*self.drawn, *self.waiting]


class Entered(Protocol):
    """What an entry is made from."""

    @property
    def entry_number(self) -> int: ...
    @property
    def party(self) -> int | None: ...
    @property
    def ticket(self) -> str: ...


def mark(ticket: str) -> str:
    """A ticket's code cannot be guessed, so its hash tells nothing, and nobody can choose what it will be."""
    return hashlib.sha256(ticket.encode()).hexdigest()[:_MARK_LENGTH]


def entries_of(seats: Sequence[Entered]) -> list[Entry]:
    """`seats` by entry number."""
    first: dict[int, int] = {}
    for seat in seats:
        if seat.party is not None:
            first.setdefault(seat.party, seat.entry_number)
    groups = (seat.entry_number if seat.party is None else first[seat.party] for seat in seats)
    return [
        Entry(seat.entry_number, group, mark(seat.ticket)) for seat, group in zip(seats, groups, strict=True)
    ]


def entries_file(entries: Sequence[Entry]) -> str:
    """The list as it is published: a CSV file of which every byte counts."""
    return "".join(f"{line}\n" for line in [_HEADER, *(f"{e.number},{e.group},{e.mark}" for e in entries)])


def read_entries(file: str) -> list[Entry]:
    rows = (line.split(",") for line in file.splitlines()[1:])
    return [Entry(int(number), int(group), mark) for number, group, mark in rows]


def list_digest(file: str) -> str:
    return hashlib.sha256(file.encode()).hexdigest()


@lru_cache(maxsize=64)
def order(seed: str, file: str, places: int) -> Result:
    """Groups by the SHA-256 of seed, list and number. From the first group on that does not fit, everybody waits."""
    digest, groups = list_digest(file), dict[int, list[int]]()
    for entry in read_entries(file):
        groups.setdefault(entry.group, []).append(entry.number)
    result, full = Result([], []), False
    for group in sorted(groups, key=lambda number: _rank(seed, digest, number)):
        full = full or len(result.drawn) + len(groups[group]) > places
        (result.waiting if full else result.drawn).extend(groups[group])
    return result


def _rank(seed: str, digest: str, group: int) -> str:
    return hashlib.sha256(f"{seed}\n{digest}\n{group}".encode()).hexdigest()


class Drawable(Protocol):
    """What is decided from whether a session can be drawn now."""

    @property
    def admission(self) -> Admission: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def postponed_at(self) -> datetime | None: ...
    @property
    def called_off_at(self) -> datetime | None: ...


def check_seedable(session: Drawable, now: datetime) -> None:
    """Raises Refused where no draw will be held."""
    if session.admission != Admission.DRAW:
        raise Refused(_("这个活动不抽签。要抽签，请先在“报名规则”里选择抽签。"), "no_draw")
    if session.called_off_at:
        raise Refused(_("本场已经取消，不能抽签。"), "cancelled")
    if now >= session.ends_at and not session.postponed_at:
        raise Refused(_("本场已经结束，不能抽签。"), "closed")


def check_drawable(session: Drawable, now: datetime) -> None:
    """Raises Refused before the list is whole."""
    check_seedable(session, now)
    if session.postponed_at:
        raise Refused(_("本场已经延期，新的时间确定后再抽签。"), "postponed")
    if now < session.closes_at:
        raise Refused(_("报名还没有截止，名单还不完整。请在报名截止以后抽签。"), "not_closed")


def may_choose_seed(session: Drawable, now: datetime) -> bool:
    """Whoever chooses a seed after the list is known could try until the result pleases."""
    return now < session.closes_at


def is_confidential(kind: Kind) -> bool:
    """Numbers only, and to nobody but those who entered: where to have come tells something by itself."""
    return kind in SENSITIVE_KINDS


def mask_name(name: str) -> str:
    """For a public list: 赵*, 欧阳*, J*."""
    return f"{name[: 2 if len(name) > 3 and not name.isascii() else 1]}*"
