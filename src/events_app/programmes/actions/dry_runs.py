"""Looking at a batch without changing anything: what each row means here, and what stands in its way."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from events_app.accounts.queries import list_organisers
from events_app.lib import clock
from events_app.lib.language import gettext as _
from events_app.programmes.actions.clashes import find_clashes
from events_app.programmes.queries.batches import BatchRow, find_organizations_named
from events_app.programmes.queries.guests import GuestRow, Match, match_lines
from events_app.programmes.queries.venues import VenueRow, list_own_venues
from events_app.programmes.rules.batches import Checked, clashes_of_new, mark_doubles, planned, site_name
from events_app.programmes.rules.rows import Plan, read_row


async def dry_run(batch: BatchRow) -> list[Checked]:
    """Each row as it stood, in the same number of statements however many there are."""
    rows = await understand(batch)
    await add_clashes(batch.organization, rows)
    return rows


async def understand(batch: BatchRow) -> list[Checked]:
    """What the rows say, with the ids of what they name; no clashes yet."""
    today = clock.today()
    rows = [Checked(row, *read_row(row, batch.defaults, today)) for row in batch.rows]
    plans = [row.plan for row in rows if row.plan]
    venues = _Venues(await list_own_venues(batch.organization))
    sites = await find_organizations_named(sorted({site_name(row.row) for row in rows}))
    organisers = await list_organisers(batch.organization)
    guests = await match_all_guests(batch.organization, plans)
    for row in rows:
        if row.plan:
            row.venue, row.errors["venue"] = venues.find(row.plan.venue, row.plan.address)
            named = [o.id for o in organisers if o.name == row.plan.in_charge]
            row.in_charge, row.errors["in_charge"] = _in_charge(row.plan.in_charge, named)
            row.guests, row.errors["guests"] = _guests(row.plan, guests)
        if "site" not in row.errors:
            row.site, row.errors["site"] = _site(site_name(row.row), sites)
        row.errors = {field: sentence for field, sentence in row.errors.items() if sentence}
    mark_doubles(rows)
    return rows


async def add_clashes(organization: int, rows: Sequence[Checked]) -> None:
    """Look for what stands in the way of the rows that nothing is wrong with."""
    good = [row for row in rows if row.plan and not row.errors]
    found = await find_clashes(organization, [planned(row) for row in good])
    new = clashes_of_new(good)
    for row, clashes in zip(good, found, strict=True):
        row.clashes = [*clashes, *new.get(row.line, [])]


async def match_all_guests(
    organization: int, plans: Iterable[Plan]
) -> Callable[[tuple[str, str, str]], Match]:
    """What each guest who is written in these plans means in the register."""
    written = list(dict.fromkeys(guest for plan in plans for guest in plan.guests))
    matches = await match_lines(organization, [GuestRow(*guest) for guest in written]) if written else []
    return dict(zip(written, matches, strict=True)).__getitem__


class _Venues:
    """Finds a venue as queries.venues.list_venues_named does: by its whole name, else as the room called so."""

    def __init__(self, venues: Iterable[VenueRow]) -> None:
        self._whole: dict[str, list[VenueRow]] = defaultdict(list)
        self._rooms: dict[str, list[VenueRow]] = defaultdict(list)
        for venue in venues:
            self._whole[venue.full_name].append(venue)
            self._rooms[venue.name].append(venue)

    def find(self, name: str, address: str) -> tuple[int | None, str]:
        """Its id, None for a new one; and what is wrong with the name, or ""."""
        for register in (self._whole, self._rooms):
            found = [venue.id for venue in register.get(name, []) if address in ("", venue.address)]
            if len(found) > 1:
                sentence = _(
                    "有%(count)s个场地叫“%(name)s”。请写全名（楼·房间），或写上地址。",
                    count=len(found),
                    name=name,
                )
                return None, sentence
            if found:
                return found[0], ""
        return None, ""


def _site(name: str, known: dict[str, int]) -> tuple[int | None, str]:
    if not name or name in known:
        return known.get(name), ""
    return None, _("还没有名为“%(name)s”的学校或企业。请改正名称，或在上面添加。", name=name)


def _in_charge(name: str, named: list[int]) -> tuple[int | None, str]:
    if not name or len(named) == 1:
        return next(iter(named), None), ""
    if named:
        return None, _("有%(count)s位组织者都叫%(name)s。请先空着，保存后再选。", count=len(named), name=name)
    return None, _("本工会没有叫“%(name)s”的组织者。请改正，或先空着。", name=name)


def _guests(plan: Plan, match: Callable[[tuple[str, str, str]], Match]) -> tuple[list[int | None], str]:
    found = [match(guest) for guest in plan.guests]
    several = [name for (name, _h, _u), m in zip(plan.guests, found, strict=True) if m.candidates > 1]
    if several:
        return [], _("有几位嘉宾都叫%(names)s。请在姓名后写明荣誉或单位。", names=several[0])
    return [m.guest for m in found], ""
