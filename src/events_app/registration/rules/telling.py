"""What people are told when a session changes: whole sentences, in the language that is spoken now."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from events_app.lib.clock import moment_text, span_text
from events_app.lib.language import gettext as _
from events_app.lib.language import is_english
from events_app.programmes.queries.invitations import Recalled
from events_app.programmes.queries.sessions import SessionRow


class Touched(msgspec.Struct, frozen=True):
    """Who must hear of a change: ids, and the registrations counted by what they hold. `pending` holds offers too."""

    confirmed: int
    pending: int
    waitlisted: int
    registrations: list[int]
    guests: list[int]
    site: int | None

    def __bool__(self) -> bool:
        return bool(self.registrations or self.guests or self.site)

    def still(self, later: "Touched") -> "Touched":
        """Those who knew the session as it was and belong to it still."""
        guests = [guest for guest in self.guests if guest in later.guests]
        site = self.site if self.site == later.site else None
        return msgspec.structs.replace(self, guests=guests, site=site)

    def without(self, told: Sequence[Recalled]) -> "Touched":
        """Those who were not told in other words."""
        guests, sites = {each.guest for each in told}, {each.organization for each in told}
        left = [guest for guest in self.guests if guest not in guests]
        return msgspec.structs.replace(self, guests=left, site=None if self.site in sites else self.site)


class Preview(msgspec.Struct, frozen=True):
    """A change before it is saved: whom it touches, what those are told. `site` names the host school or company."""

    touched: Touched
    registered: str
    invited: str
    site: str
    before: SessionRow
    after: SessionRow

    @property
    def key(self) -> str:
        """Names what was shown: a yes to it is a yes to nothing else."""
        return sha256(self.registered.encode()).hexdigest()[:16]


def preview_of(said: str, touched: Touched, before: SessionRow, after: SessionRow) -> Preview:
    site = (after.site_name or "") if touched.site else ""
    return Preview(touched, to_registered(said), to_invited(said), site, before, after)


def moved_text(before: SessionRow, after: SessionRow, reason: str = "") -> str:
    """Says only what has changed, and the place in any case: people go there."""
    old, new = _place(before), _place(after)
    facts = {"title": _name(after), "was": span_text(before.starts_at, before.ends_at), "old": old}
    facts |= {"now": span_text(after.starts_at, after.ends_at), "new": new}
    if not is_moved_in_time(before, after):
        said = _("换场地：“%(title)s”%(now)s的场次原定在%(old)s，现改在%(new)s。", **facts)
    elif old == new:
        said = _("改期：“%(title)s”原定%(was)s，现改为%(now)s，地点仍是%(new)s。", **facts)
    else:
        said = _("改期并换场地：“%(title)s”原定%(was)s在%(old)s，现改为%(now)s在%(new)s。", **facts)
    return _joined(said, _reason(reason))


def called_off_text(session: SessionRow, reason: str) -> str:
    when = span_text(session.starts_at, session.ends_at)
    said = _("取消：“%(title)s”%(when)s的场次已取消。", title=_name(session), when=when)
    return _joined(said, _reason(reason))


def postponed_text(session: SessionRow, reason: str) -> str:
    when = span_text(session.starts_at, session.ends_at)
    said = _(
        "延期：“%(title)s”原定%(when)s的场次延期举行，新的时间确定后会再通知。",
        title=_name(session),
        when=when,
    )
    return _joined(said, _reason(reason))


def resumed_text(session: SessionRow) -> str:
    """A postponed session takes place at its time after all."""
    when = span_text(session.starts_at, session.ends_at)
    facts = {"title": _name(session), "when": when, "place": _place(session)}
    return _("恢复：“%(title)s”延期的场次定于%(when)s在%(place)s举行。", **facts)


def to_registered(said: str) -> str:
    """A session that still takes place: the seat is kept, and can be given back."""
    return _joined(said, _("您的报名或候补继续有效；不能来时，请在入场码页面取消。"))


def to_invited(said: str) -> str:
    """For guests and the host school or company."""
    return _joined(said, _("如果与您的安排冲突，请告诉主办单位。"))


def is_moved_in_time(before: SessionRow, after: SessionRow) -> bool:
    """To the minute, as people read it."""
    return [moment_text(t) for t in (before.starts_at, before.ends_at)] != [
        moment_text(t) for t in (after.starts_at, after.ends_at)
    ]


def is_moved(before: SessionRow, after: SessionRow) -> bool:
    """To another time or another place."""
    return is_moved_in_time(before, after) or _place(before) != _place(after)


def _name(session: SessionRow) -> str:
    return f"{session.activity_title}·{session.title}" if session.title else session.activity_title


def _place(session: SessionRow) -> str:
    """Marks from the catalogue: brackets differ between the languages."""
    if not session.address or session.address in session.venue:
        return session.venue
    return _("%(venue)s（%(address)s）", venue=session.venue, address=session.address)


def _reason(reason: str) -> str:
    return _("原因：%(reason)s。", reason=reason.rstrip("。.!！")) if reason else ""


def _joined(*sentences: str) -> str:
    return (" " if is_english() else "").join(filter(None, sentences))
