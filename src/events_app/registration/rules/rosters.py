"""What will happen to each row of a unit's list: new, registered already, changed, wrong, over a limit."""

from collections.abc import Mapping, Sequence

import msgspec

from events_app.lib.codes import Signer, new_pin, new_ticket_code
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.registration.rules.admission import (
    HeldSeat,
    Measured,
    NewSeat,
    Room,
    check_limits,
    check_quota,
    give_places,
)
from events_app.registration.rules.questions import Answers
from events_app.registration.rules.roster_rows import Asking, Entry, Row, read_row
from events_app.registration.tables import SeatState

# In the order in which a leader wants to see them.
STATES = ("wrong", "over", "changed", "new", "same")
# In-process up to here; longer lists are saved by a program of its own.
SHORT = 300


class Known(msgspec.Struct, frozen=True):
    """A person of this name and phone, and their registration for the activity if there is one."""

    name: str
    phone: str
    person: int
    registration: int | None
    roster: int | None
    answers: Answers
    birth_year: int | None
    guardian_name: str
    guardian_phone: str


class NewPerson(msgspec.Struct, frozen=True):
    """Somebody to register, with the ticket they get if they are new."""

    person: int
    answers: str
    ticket: str
    signature: bytes
    pin: str
    birth_year: int | None
    guardian_name: str
    guardian_phone: str


class Ground(msgspec.Struct):
    """What the rows are held against: the unit's list, the sessions it is for, and who is known already.

    `used` counts the unit's seats by session. `held` are the seats of each person in the activity and its programme.
    """

    roster: int
    unit: str
    rules: Measured
    rooms: list[Room]
    quota: int | None
    used: dict[int, int]
    known: dict[tuple[str, str], Known]
    held: dict[int, list[HeldSeat]]


class Checked(msgspec.Struct):
    """A row and what is known of it: `errors` by field where it is wrong, `note` for the leader in other cases.

    `seats` are the places that it gets, with the registration left 0; `changed`: what is kept of them is renewed.
    """

    row: Row
    entry: Entry | None
    errors: dict[str, str]
    state: str = "wrong"
    note: str = ""
    seats: list[NewSeat] = []
    changed: bool = False

    @property
    def line(self) -> str:
        return self.row["line"]


def read_all(rows: Sequence[Row], asking: Asking) -> list[Checked]:
    """Each row as it stood; the second of two that say the same is marked."""
    checked = [Checked(row, *read_row(row, asking)) for row in rows]
    seen: dict[tuple[str, str], Checked] = {}
    for one in checked:
        if one.entry and (first := seen.setdefault(one.entry.key, one)) is not one:
            _compare_twins(one, first)
    return checked


def judge_all(rows: Sequence[Checked], ground: Ground) -> None:
    """What will happen to those that could be read. Places are given in the order of the file."""
    for row in rows:
        if row.entry and row.state == "wrong":
            _judge(row, row.entry, ground)


def in_order(rows: Sequence[Checked]) -> list[Checked]:
    """What needs a hand first, each kind as it stood in the file."""
    return sorted(rows, key=lambda row: STATES.index(row.state))


def ready(rows: Sequence[Checked]) -> list[Checked]:
    return [row for row in rows if row.state in ("new", "changed")]


def left_over(rows: Sequence[Checked]) -> list[Row]:
    """What stays to be mended."""
    return [row.row for row in rows if row.state in ("wrong", "over")]


def is_changed(known: Known, entry: Entry) -> bool:
    """What a list does not say, such as an answer given on the ticket's page, is not taken away."""
    fields = ("birth_year", "guardian_name", "guardian_phone")
    told = any(getattr(entry, f) and getattr(entry, f) != getattr(known, f) for f in fields)
    return told or any(known.answers.get(code) != answer for code, answer in entry.answers.items())


def _compare_twins(row: Checked, first: Checked) -> None:
    if row.entry == first.entry:
        row.state, row.note = "same", _("和第%(line)s行一样，只登记一次。", line=first.line)
        return
    sentence = _(
        "和第%(line)s行的姓名、手机相同，别的内容不同。是同一个人就删去一行；不是，就在姓名后加一个区分的字。",
        line=first.line,
    )
    row.entry, row.errors = None, {"name": sentence}


def _judge(row: Checked, entry: Entry, ground: Ground) -> None:
    known = ground.known.get((entry.name, entry.phone))
    held = ground.held.get(known.person, []) if known else []
    here = {seat.session for seat in held}
    if known and known.registration and known.roster != ground.roster:
        _stranger(row, bool(here & {room.id for room in ground.rooms}))
        return
    row.changed = bool(known and known.registration and is_changed(known, entry))
    wanted = [room for room in ground.rooms if room.id not in here]
    if not wanted:
        row.state = "changed" if row.changed else "same"
        row.note = "" if row.changed else _("已经报名。")
        return
    try:
        row.seats = _places(entry, known, held, wanted, ground)
    except Refused as refused:
        row.state, row.note = "over", refused.sentence
        return
    row.state, row.note = "new", _note(row.seats, ground.rooms)
    _take(row.seats, ground)


def _stranger(row: Checked, seated: bool) -> None:
    """Somebody registered without us: what they told the union is not ours to change."""
    if seated:
        row.state, row.note = "same", _("本人已经自己报名，或由别的单位报名，不重复登记。")
        return
    row.entry, row.errors = (
        None,
        {"name": _("这个人自己报过名，不能由单位再报。请本人报这一场，并删去这一行。")},
    )


def _places(
    entry: Entry, known: Known | None, held: list[HeldSeat], wanted: list[Room], ground: Ground
) -> list[NewSeat]:
    check_limits(ground.rules, entry.name, known.person if known else 0, held, len(wanted))
    for room in wanted:
        check_quota(ground.unit, ground.quota, ground.used.get(room.id, 0), 1)
    return give_places(
        ground.rules, wanted, {room.id: [0] for room in wanted}, {room.id: None for room in wanted}
    )


def _take(seats: Sequence[NewSeat], ground: Ground) -> None:
    """The next row finds these places gone."""
    by_session = {seat.session: seat for seat in seats}
    ground.rooms = [
        _after(room, by_session[room.id]) if room.id in by_session else room for room in ground.rooms
    ]
    for session in by_session:
        ground.used[session] = ground.used.get(session, 0) + 1


def _after(room: Room, seat: NewSeat) -> Room:
    if seat.state == SeatState.ENTERED:
        return msgspec.structs.replace(room, entry_last=room.entry_last + 1)
    if seat.state == SeatState.WAITLISTED:
        return msgspec.structs.replace(room, waiting=room.waiting + 1, waiting_last=room.waiting_last + 1)
    return msgspec.structs.replace(room, taken=room.taken + 1)


def _note(seats: Sequence[NewSeat], rooms: Sequence[Room]) -> str:
    """Where somebody has to wait."""
    waiting = {room.id: room.waiting + 1 for room in rooms}
    places = [waiting[seat.session] for seat in seats if seat.state == SeatState.WAITLISTED]
    if places:
        return _("名额已满，排在候补第%(n)s位。", n=max(places))
    if any(seat.state == SeatState.ENTERED for seat in seats):
        return _("参加抽签。")
    return ""


def counted(rows: Sequence[Checked]) -> Mapping[str, int]:
    return {state: sum(row.state == state for row in rows) for state in STATES}


def new_person(entry: Entry, person: int, signer: Signer) -> NewPerson:
    """With a ticket of their own should they hold none yet."""
    ticket = new_ticket_code()
    given = msgspec.json.encode(entry.answers).decode()
    return NewPerson(
        *(person, given, ticket, signer.sign(ticket), new_pin()),
        *(entry.birth_year, entry.guardian_name, entry.guardian_phone),
    )
