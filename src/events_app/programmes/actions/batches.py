"""Many sessions at once: a batch is looked through as often as one likes, and its good rows are saved together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from events_app.accounts.actions import audit, audit_all, create_organizations
from events_app.accounts.rules import ORGANIZING, Me
from events_app.accounts.tables import OrganizationKind
from events_app.lib import codes
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.dry_runs import add_clashes, match_all_guests, understand
from events_app.programmes.queries import batches as queries
from events_app.programmes.queries.batches import BatchRow, NewSession
from events_app.programmes.queries.clashes import lock_planning
from events_app.programmes.queries.guests import GuestRow
from events_app.programmes.queries.workdays import load
from events_app.programmes.rules.batches import MOST_ROWS, Checked, site_name
from events_app.programmes.rules.life import check_takes_sessions
from events_app.programmes.rules.rows import FIELDS, Defaults, Row
from events_app.programmes.rules.sessions import check_in_window
from events_app.programmes.tables import BatchSource


class Saved(NamedTuple):
    """How many sessions were saved, and how many rows are left."""

    sessions: int
    left: int


async def create_batch(
    me: Me, activity_code: str, source: BatchSource, rows: list[Row], defaults: Defaults
) -> str:
    """Rows to look through before they are saved, at /manage/batches/{code}; returns the code.

    A row need not have all FIELDS. Raises NotFound, and Refused for no row, for more than MOST_ROWS, and where
    nobody could register.
    """
    activity = await own_activity(me, activity_code)
    check_takes_sessions(activity.state)
    if not rows:
        raise Refused(_("没有要添加的场次：请至少写一行。"), "no_row")
    if len(rows) > MOST_ROWS:
        raise Refused(
            _("一次最多%(most)s行，现在有%(count)s行。请分成几次。", most=MOST_ROWS, count=len(rows)),
            "too_many_rows",
        )
    code = codes.new_code()
    async with transaction():
        await queries.add_batch(code, activity.id, source, _numbered(rows), defaults, me.account)
        await audit(me, "batch.create", code, organization=activity.organization, rows=len(rows))
    return code


async def own_batch(me: Me, code: str) -> BatchRow:
    """Raises NotFound when there is none (any more), or it is another organization's."""
    batch = await queries.find_own_batch(code, me.organizations(ORGANIZING))
    if batch is None:
        raise NotFound(_("这一批已经没有了：可能已经全部保存，或者清除了。"))
    return batch


async def edit_batch(
    me: Me,
    code: str,
    edits: Mapping[str, Row],
    defaults: Defaults | None = None,
    remove: str = "",
) -> int:
    """Rows by their line, as they are typed now; one of them goes. Returns how many are left. Raises NotFound."""
    async with transaction():
        batch = _edited(await _locked(me, code), edits, defaults)
        rows = [row for row in batch.rows if row["line"] != remove]
        await queries.keep_rows(batch.id, rows, batch.defaults)
    return len(rows)


async def discard_batch(me: Me, code: str) -> str:
    """Nothing of it is saved; returns its activity's code. Raises NotFound."""
    async with transaction():
        batch = await _locked(me, code)
        await queries.keep_rows(batch.id, [], batch.defaults)
        await audit(me, "batch.remove", code, organization=batch.organization, rows=len(batch.rows))
    return batch.activity_code


async def add_schools(
    me: Me,
    code: str,
    edits: Mapping[str, Row],
    defaults: Defaults,
    names: Sequence[str],
    kind: OrganizationKind,
) -> int:
    """Those of `names` that the rows say; returns how many there are. Raises NotFound."""
    async with transaction():
        batch = _edited(await _locked(me, code), edits, defaults)
        await queries.keep_rows(batch.id, batch.rows, batch.defaults)
        said = {site_name(row) for row in batch.rows}
        wanted = [name for name in dict.fromkeys(names) if name in said]
        if wanted:
            await create_organizations(me, wanted, kind)
    return len(wanted)


@again_after_deadlock
async def save_batch(me: Me, code: str, edits: Mapping[str, Row], defaults: Defaults | None = None) -> Saved:
    """Save the rows that nothing is wrong with and whose warnings, as they are now, were accepted; the others stay.

    Two tabs that save the same batch come one after the other: the second finds what the first one left. Raises
    NotFound, and Refused where nobody could register.
    """
    await load()  # the table of days off, not while others wait for us
    async with transaction():
        batch = _edited(await _locked(me, code), edits, defaults)
        check_takes_sessions(batch.activity_state)
        # Who is new in the register is new for nobody else meanwhile.
        await lock_planning(batch.organization, [])
        rows = await understand(batch)
        await lock_planning(batch.organization, [row.site for row in rows])
        await add_clashes(batch.organization, rows)
        ready = [row for row in rows if row.state == "ready"]
        left = [row.row for row in rows if row.state != "ready"]
        if ready:
            await _add_sessions(me, batch, ready)
        await queries.keep_rows(batch.id, left, batch.defaults)
    return Saved(len(ready), len(left))


async def _add_sessions(me: Me, batch: BatchRow, rows: list[Checked]) -> None:
    await _register_new(batch.organization, rows)
    sessions = [_session(row, batch.defaults) for row in rows]
    await queries.add_sessions(batch.activity, sessions)
    entries: list[tuple[str, str, Mapping[str, object]]] = []
    for row, session in zip(rows, sessions, strict=True):
        entries.append(
            ("session.create", session.code, {"activity": batch.activity_code, "batch": batch.code})
        )
        if row.clashes:
            sentences = [clash.sentence for clash in row.clashes]
            entries.append(("clash.accept", session.code, {"name": me.name, "clashes": sentences}))
    entries.append(("batch.save", batch.code, {"activity": batch.activity_code, "sessions": len(sessions)}))
    await audit_all(me, batch.organization, entries)


async def _register_new(organization: int, rows: list[Checked]) -> None:
    """Venues and guests who are in no register yet, each once."""
    plans = [row.plan for row in rows if row.plan]
    venues = {(p.venue, p.address) for row in rows if row.venue is None and (p := row.plan)}
    added = await queries.add_venues(organization, sorted(venues)) if venues else {}
    new = {
        guest
        for row in rows
        if row.plan
        for guest, known in zip(row.plan.guests, row.guests, strict=True)
        if known is None
    }
    if new:
        await queries.add_guests(organization, [GuestRow(*guest) for guest in sorted(new)])
    match = await match_all_guests(organization, plans)
    for row in rows:
        assert row.plan
        if row.venue is None:
            row.venue = added[row.plan.venue, row.plan.address]
        row.guests = list(dict.fromkeys(match(guest).guest for guest in row.plan.guests))


def _session(row: Checked, defaults: Defaults) -> NewSession:
    plan = row.plan
    assert plan
    assert row.venue
    check_in_opens_at, check_in_closes_at = check_in_window(
        plan.starts_at, plan.ends_at, defaults.check_in_lead
    )
    return NewSession(
        code=codes.new_code(),
        title=plan.title,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        venue=row.venue,
        site=row.site,
        in_charge=row.in_charge,
        capacity=plan.capacity,
        waiting_list=defaults.waiting_list,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        check_in_opens_at=check_in_opens_at,
        check_in_closes_at=check_in_closes_at,
        guests=[guest for guest in row.guests if guest is not None],
    )


async def _locked(me: Me, code: str) -> BatchRow:
    batch = await queries.lock_own_batch(code, me.organizations(ORGANIZING))
    if batch is None:
        raise NotFound(_("这一批已经没有了：可能已经全部保存，或者清除了。"))
    return batch


def _edited(batch: BatchRow, edits: Mapping[str, Row], defaults: Defaults | None) -> BatchRow:
    """Rows that are gone meanwhile do not come back."""
    rows = [row | edits.get(row["line"], {}) for row in batch.rows]
    return msgspec.structs.replace(batch, rows=rows, defaults=defaults or batch.defaults)


def _numbered(rows: list[Row]) -> list[Row]:
    """Each row with all its fields and the line it stood in; a NUL is nothing that a database keeps."""
    nothing = dict.fromkeys((*FIELDS, "accepted"), "")
    given = [{name: value.replace("\0", "\ufffd") for name, value in row.items()} for row in rows]
    return [nothing | {"line": str(number)} | row for number, row in enumerate(given, 1)]
