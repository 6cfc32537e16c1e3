"""A unit's file of people: looked through as often as one likes, its good rows saved in one transaction."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from events_app.accounts.rules import Me
from events_app.lib import clock, codes
from events_app.lib.codes import Signer
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.sheets import Book, Column, Kind, read_lines, read_text
from events_app.programmes.rules.headers import EXAMPLE
from events_app.programmes.tables import Admission, Extent
from events_app.registration.actions.rosters import asking_of, note, quota_for, roster_by, units_used
from events_app.registration.forms import ImportForm
from events_app.registration.queries import imports as queries
from events_app.registration.queries.imports import ImportRow
from events_app.registration.queries.places import (
    LockedRoom,
    add_seats,
    list_draw_states,
    list_held_seats,
    lock_people,
    lock_rooms,
)
from events_app.registration.queries.rosters import RosterRow, RosterSession, list_roster_sessions
from events_app.registration.rules.admission import HeldSeat, NewSeat, Room
from events_app.registration.rules.answers import terms_changed
from events_app.registration.rules.roster_rows import MOST_ROWS, Asking, Row, rows_of
from events_app.registration.rules.rosters import (
    SHORT,
    Checked,
    Ground,
    judge_all,
    left_over,
    new_person,
    read_all,
    ready,
)
from events_app.registration.rules.seats import check_open, takes_place
from events_app.registration.rules.terms import is_sensitive

_AT_ONCE = 1_000  # rows
Report = Callable[[int], Awaitable[None]]


class Saved(NamedTuple):
    """How many rows were saved, and how many are left to be mended."""

    done: int
    left: int


class Looked(NamedTuple):
    """A file as it would be saved now."""

    rows: list[Checked]
    asking: Asking
    sessions: list[RosterSession]


def template(asking: Asking) -> bytes:
    """A workbook with the columns that are asked for here, and an example that is never taken for a person."""
    titles = {
        "name": (_("姓名"), _("%(mark)s张三", mark=EXAMPLE), 16),
        "phone": (_("手机号码"), "13800000000", 16),
        "birth_year": (_("出生年份"), "1990", 12),
        "guardian_name": (_("监护人姓名"), "", 16),
        "guardian_phone": (_("监护人手机"), "", 16),
    }
    asked = {
        f"q-{q.code}": (q.label, "、".join(o.label for o in q.options[:1]), 24) for q in asking.questions
    }
    columns = [(titles | asked)[field] for field in asking.fields]
    with Book() as book:
        sheet = book.sheet(_("名单"), [Column(title, Kind.TEXT, width) for title, _example, width in columns])
        sheet.add([[example for _title, example, _width in columns]])
        return book.finish()


async def create_import(roster: RosterRow, form: ImportForm, file: bytes) -> str:
    """The people in the file, or of what was pasted when there is none, to look through; returns its code.

    The same file for the same sessions is the one that is looked through already. Raises Invalid and Refused.
    """
    chosen = await _chosen(roster, form.session)
    terms = (await asking_of(roster, [])).questions
    table, hidden = await read_lines(file) if file else (read_text(form.table), [])
    rows, remarks = await asyncio.to_thread(rows_of, table, terms, hidden)
    if not rows:
        raise Refused(_("表里没有人。请在表头下面每人写一行。"), "no_row")
    if len(rows) > MOST_ROWS:
        sentence = _(
            "一次最多%(most)s行，现在有%(count)s行。请分成几个文件。", most=MOST_ROWS, count=len(rows)
        )
        raise Refused(sentence, "too_many_rows")
    digest = hashlib.sha256(file or form.table.encode()).digest()
    async with transaction():
        if same := await queries.find_same(roster.id, digest, chosen):
            return same
        code = codes.new_code()
        await queries.add_import(code, roster.id, rows, chosen, remarks, digest)
    return code


async def open_sessions(roster: RosterRow) -> list[RosterSession]:
    """Those that can be registered for now; of a course all that are still to come, once one of them is open."""
    now = clock.now()
    sessions = [s for s in await list_roster_sessions(roster.activity, roster.id) if takes_place(s, now)]
    bookable = [session for session in sessions if not _closed(session)]
    if roster.published_at is None or not bookable:
        return []
    return sessions if roster.is_course else bookable


async def look(roster: RosterRow, import_: ImportRow) -> Looked:
    """Nothing is changed; in the same number of statements however many rows there are."""
    sessions = await _sessions_of(roster, import_)
    asking = await asking_of(roster, sessions)
    rows = await _read(import_.rows, asking)
    people = [row.entry.key for row in rows if row.entry]
    await _judge(rows, await _ground(roster, sessions, people))
    return Looked(rows, asking, sessions)


async def find_own_import(roster: RosterRow, code: str) -> ImportRow:
    """Raises NotFound when there is none (any more), or it is another unit's."""
    found = await queries.find_import(roster.id, code)
    if found is None:
        raise NotFound(_("这份名单文件已经没有了：可能已经清除。请回到名单页。"))
    return found


async def edit_import(roster: RosterRow, code: str, edits: Mapping[str, Row], remove: str = "") -> int:
    """Rows by their line, as they are typed now; one of them goes. Returns how many are left."""
    async with transaction():
        import_ = await _locked(roster, code)
        rows = [row for row in _edited(import_, edits) if row["line"] != remove]
        if rows:
            await queries.keep_rows(import_.id, rows)
        else:
            await queries.remove_import(import_.id)
    return len(rows)


async def discard_import(roster: RosterRow, code: str) -> None:
    async with transaction():
        await queries.remove_import((await _locked(roster, code)).id)


async def begin(roster: RosterRow, code: str, terms: int) -> ImportRow:
    """The rows are ready to be saved by another program; raises NotFound and Refused."""
    async with transaction():
        import_ = await _locked(roster, code)
        if terms != (await asking_of(roster, [])).terms.number:
            raise terms_changed()
        await queries.start_import(import_.id)
    return import_


@again_after_deadlock
async def save_import(
    me: Me | None, secret: str, code: str, terms: int, signer: Signer, report: Report | None = None
) -> Saved:
    """Save the rows that nothing is wrong with; the others stay. Everything or nothing is there afterwards.

    Two files at once come one after the other: the second finds the people of the first. Raises NotFound, and Refused
    where nobody can register any more, and when another version of the notice stands than was agreed to.
    """
    async with transaction():
        roster = await roster_by(secret)
        import_ = await find_own_import(roster, code)
        if not await queries.claim_import(import_.id):
            raise Refused(_("这份名单正在保存，请稍等。"), "running")
        import_ = await _unfinished(roster, code)
        rooms = await lock_rooms(roster.activity, import_.sessions, course=roster.is_course)
        roster = await roster_by(secret)  # with the rules that stand under the lock
        _check_rooms(roster, rooms)
        asking = await asking_of(roster, rooms)
        if terms != asking.terms.number:
            raise terms_changed()
        rows = await _read(import_.rows, asking)
        people = await lock_people(list(dict.fromkeys(row.entry.key for row in rows if row.entry)))
        await _judge(rows, await _ground(roster, rooms, list(people)))
        good = ready(rows)
        await _add(roster, asking, good, people, signer, report)
        await queries.forget_people(list(people.values()))
        left = left_over(rows)
        await queries.finish_import(import_.id, left, len(good))
        new = sum(row.state == "new" for row in good)
        await note(me, roster, "roster.import", file=code, new=new, changed=len(good) - new, left=len(left))
    return Saved(len(good), len(left))


async def _unfinished(roster: RosterRow, code: str) -> ImportRow:
    """Under its lock: what another one saved meanwhile is not saved again. Raises NotFound."""
    import_ = await queries.find_import(roster.id, code)
    if import_ is None or import_.finished_at:
        raise NotFound(_("这份名单文件已经没有了：可能已经清除。请回到名单页。"))
    return import_


async def _add(
    roster: RosterRow,
    asking: Asking,
    rows: Sequence[Checked],
    people: Mapping[tuple[str, str], int],
    signer: Signer,
    report: Report | None,
) -> None:
    """Registrations and seats, in the order of the file."""
    sensitive = is_sensitive(roster.kind, asking.terms)
    seats: list[NewSeat] = []
    for begin in range(0, len(rows), _AT_ONCE):
        part = rows[begin : begin + _AT_ONCE]
        new = [new_person(row.entry, people[row.entry.key], signer) for row in part if row.entry]
        ids = await queries.add_registrations(
            roster.activity, roster.unit, roster.id, asking.terms.number, sensitive, new
        )
        if len(ids) != len(new):
            raise Refused(_("刚才有人同时改动了名单上的人，什么也没有保存。请再保存一次。"), "conflict")
        for row, person in zip(part, new, strict=True):
            seats += [msgspec.structs.replace(s, registration=ids[person.person]) for s in row.seats]
        if report:
            await report(begin + len(part))
    if seats and len(await add_seats(seats)) != len(seats):
        raise Refused(_("刚才有人同时改动了名单上的人，什么也没有保存。请再保存一次。"), "conflict")


async def _ground(
    roster: RosterRow, sessions: Sequence[LockedRoom | RosterSession], people: Sequence[tuple[str, str]]
) -> Ground:
    known = await queries.find_known(roster.activity, people)
    ids = [one.person for one in known.values()]
    held: dict[int, list[HeldSeat]] = {}
    for seat in await list_held_seats(ids, roster.activity, roster.programme) if ids else []:
        held.setdefault(seat.person, []).append(seat)
    quota = await quota_for(roster)
    return Ground(
        roster=roster.id,
        unit=roster.unit,
        rules=roster,
        rooms=await _rooms(roster, sessions),
        quota=quota,
        used={} if quota is None else await units_used(roster, [session.id for session in sessions]),
        known=known,
        held=held,
    )


async def _rooms(roster: RosterRow, sessions: Sequence[LockedRoom | RosterSession]) -> list[Room]:
    ids = [session.id for session in sessions]
    drawing = roster.admission == Admission.DRAW
    draws = {state.session: state for state in await list_draw_states(ids)} if drawing else {}
    return [
        Room(
            *(s.id, s.code, s.starts_at, s.capacity, s.taken, s.waiting, s.waiting_list, s.waiting_last),
            draws[s.id].drawn if drawing else False,
            draws[s.id].entry_last if drawing else 0,
        )
        for s in sorted(sessions, key=lambda s: s.id)
    ]


async def _read(rows: Sequence[Row], asking: Asking) -> list[Checked]:
    """A long list is read beside the loop, so that others are answered meanwhile."""
    return read_all(rows, asking) if len(rows) <= SHORT else await asyncio.to_thread(read_all, rows, asking)


async def _judge(rows: Sequence[Checked], ground: Ground) -> None:
    if len(rows) <= SHORT:
        judge_all(rows, ground)
    else:
        await asyncio.to_thread(judge_all, rows, ground)


async def _chosen(roster: RosterRow, wanted: Sequence[str]) -> list[str]:
    """Codes of the sessions that the file is for; raises Invalid and Refused."""
    codes_open = [session.code for session in await open_sessions(roster)]
    if not codes_open:
        raise Refused(_("现在没有可以报名的场次：还没有开始，或者已经截止。"), "closed")
    if roster.is_course or len(codes_open) == 1:
        return codes_open
    chosen = [code for code in codes_open if code in wanted]
    if not chosen:
        raise Invalid({"session": _("请选择这份名单报哪一场。")})
    if roster.extent == Extent.ONE and len(chosen) > 1:
        raise Invalid({"session": _("这个活动每人只能参加一场，请只选一场。不同的场次请用不同的名单。")})
    return chosen


async def _sessions_of(roster: RosterRow, import_: ImportRow) -> list[RosterSession]:
    now = clock.now()
    sessions = await list_roster_sessions(roster.activity, roster.id)
    if roster.is_course:
        return [session for session in sessions if takes_place(session, now)]
    return [session for session in sessions if session.code in import_.sessions]


def _check_rooms(roster: RosterRow, rooms: Sequence[LockedRoom]) -> None:
    if roster.published_at is None or not rooms:
        raise Refused(_("现在没有可以报名的场次：还没有开始，或者已经截止。"), "closed")
    if roster.is_course and not all(map(_closed, rooms)):
        return
    for room in rooms:
        check_open(room, clock.now())


def _closed(session: LockedRoom | RosterSession) -> bool:
    try:
        check_open(session, clock.now())
    except Refused:
        return True
    return False


async def _locked(roster: RosterRow, code: str) -> ImportRow:
    import_ = await queries.lock_import(roster.id, code)
    if import_ is None or import_.finished_at:
        raise NotFound(_("这份名单文件已经没有了：可能已经清除。请回到名单页。"))
    if import_.running:
        raise Refused(_("这份名单正在保存，请稍等。"), "running")
    return import_


def _edited(import_: ImportRow, edits: Mapping[str, Row]) -> list[Row]:
    """Rows that are gone meanwhile do not come back."""
    return [row | edits.get(row["line"], {}) for row in import_.rows]
