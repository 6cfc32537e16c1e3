"""What will happen to each row of a batch: what is wrong with it, what stands in its way, whether it can be saved."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice

import msgspec

from events_app.lib import clock
from events_app.lib.language import gettext as _
from events_app.lib.text import one_line
from events_app.programmes.rules.clashes import Clash, ClashKind, Planned
from events_app.programmes.rules.rows import Plan, Row

MOST_ROWS = 1000
# More of one new name at the same time than anybody reads.
_MOST_NAMED = 3


class Checked(msgspec.Struct):
    """A row and what is known of it. `venue` and the `guests` without an id are new and will be added.

    `errors` are by field; without any, `plan` is there.
    """

    row: Row
    plan: Plan | None
    errors: dict[str, str]
    venue: int | None = None
    site: int | None = None
    in_charge: int | None = None
    guests: list[int | None] = []
    clashes: list[Clash] = []

    @property
    def line(self) -> str:
        return self.row["line"]

    @property
    def keys(self) -> str:
        """Stands for exactly these warnings: a tick accepts no others."""
        named = "\n".join(sorted(clash.key for clash in self.clashes))
        return sha256(named.encode()).hexdigest()[:20] if self.clashes else ""

    @property
    def accepted(self) -> bool:
        return bool(self.clashes) and self.row["accepted"] == self.keys

    @property
    def state(self) -> str:
        if self.errors:
            return "wrong"
        return "warned" if self.clashes and not self.accepted else "ready"

    @property
    def new_guests(self) -> list[str]:
        if self.plan is None:
            return []
        pairs = zip(self.plan.guests, self.guests, strict=False)
        return [name for (name, _honour, _unit), known in pairs if known is None]


def site_name(row: Row) -> str:
    """The school or company that the row names, also while something else is wrong with it."""
    return " ".join(unicodedata.normalize("NFC", row["site"]).split())


def unknown_sites(rows: Sequence[Checked]) -> dict[str, int]:
    """Schools and companies that could be in the list and are not yet, and how many rows name each."""
    names = (site_name(row.row) for row in rows if row.site is None)
    return Counter(name for name in names if name and _is_a_name(name))


def _is_a_name(text: str) -> bool:
    try:
        return bool(one_line(text, 100))
    except ValueError:
        return False


def in_order(rows: Sequence[Checked]) -> list[Checked]:
    """What needs a hand first, each kind as it stood in the table."""
    return sorted(rows, key=lambda row: ("wrong", "warned", "ready").index(row.state))


def mark_doubles(rows: Sequence[Checked]) -> None:
    """The second of two rows that say the same is wrong."""
    seen: dict[Plan, str] = {}
    for checked in rows:
        plan = checked.plan
        if plan is None:
            continue
        if plan in seen:
            sentence = _("和第%(line)s行一样。请删去一行，或改成不同的时间、场地或名称。", line=seen[plan])
            checked.errors, checked.plan = {"day": sentence}, None
        else:
            seen[plan] = checked.line


def planned(row: Checked) -> Planned:
    assert row.plan
    guests = [guest for guest in row.guests if guest is not None]
    plan = row.plan
    return Planned(
        plan.starts_at, plan.ends_at, row.venue, row.site, row.in_charge, guests, plan.capacity, None
    )


def clashes_of_new(rows: Sequence[Checked]) -> dict[str, list[Clash]]:
    """By line: venues and guests who are in no register yet, wanted by two rows at once."""
    wanted: dict[tuple[ClashKind, str], list[Checked]] = defaultdict(list)
    for row in rows:
        for key in _new_names(row):
            wanted[key].append(row)
    found: dict[str, list[Clash]] = defaultdict(list)
    for (kind, name), those in wanted.items():
        for one in those:
            others = (other for other in those if other is not one and _overlap(one, other))
            found[one.line] += [_clash(kind, name, other) for other in islice(others, _MOST_NAMED)]
    return found


def _new_names(row: Checked) -> Iterator[tuple[ClashKind, str]]:
    assert row.plan
    if row.venue is None:
        yield ClashKind.VENUE, "·".join(filter(None, (row.plan.venue, row.plan.address)))
    for name in dict.fromkeys(row.new_guests):
        yield ClashKind.GUEST, name


def _overlap(one: Checked, other: Checked) -> bool:
    assert one.plan
    assert other.plan
    return one.plan.starts_at < other.plan.ends_at and other.plan.starts_at < one.plan.ends_at


def _clash(kind: ClashKind, name: str, other: Checked) -> Clash:
    assert other.plan
    span = clock.span_text(other.plan.starts_at, other.plan.ends_at)
    if kind is ClashKind.VENUE:
        sentence = _("场地“%(venue)s”同时有这一批里的另一场（%(span)s）。", venue=name, span=span)
    else:
        sentence = _("嘉宾%(guest)s同时在这一批里的另一场（%(span)s）。", guest=name, span=span)
    key = f"new:{kind}:{name}:{other.plan.starts_at.timestamp()}:{other.plan.ends_at.timestamp()}"
    return Clash(kind, sentence, "", key)
