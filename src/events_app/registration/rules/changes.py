"""Decisions about changing a session that people hold places in: what may change, and what two people changed."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from events_app.lib.clock import field_text
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import parted
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.sessions import SessionRow
from events_app.programmes.rules.sessions import session_errors
from events_app.registration.rules.seats import Dated, is_over

# A session as its form shows it: text by field.
Fields = dict[str, str]
TIMES = ("starts_at", "ends_at")
PLACE = ("venue", "address")
MOMENTS = (*TIMES, "opens_at", "closes_at")
# What may stand in the way of another session.
CLASHING = frozenset({*TIMES, *PLACE, "site", "in_charge", "guests", "capacity"})


class Attended(Dated, Protocol):
    @property
    def attended(self) -> int: ...


def check_changeable(session: Dated) -> None:
    """Raises Refused when the session was called off: tickets and calendars have said so for good."""
    if session.called_off_at:
        raise Refused(_("本场已经取消，不能再修改。"), "cancelled")


def check_callable_off(session: Attended, now: datetime) -> None:
    """Raises Refused when the session took place, or is taking place: what was cannot be called off."""
    if session.called_off_at:
        raise Refused(_("本场已经取消过了。"), "called_off")
    if is_over(session, now):
        raise Refused(_("本场已经结束，不能再取消。"), "closed")
    if session.attended:
        raise Refused(_("本场已有%(n)s人签到，不能再取消。", n=session.attended), "attended")


def check_movable(session: Dated, now: datetime) -> None:
    """Raises Refused when nobody could still come at another time or elsewhere."""
    if session.called_off_at:
        raise Refused(_("本场已经取消，不能再改期或换场地。"), "cancelled")
    if is_over(session, now):
        raise Refused(_("本场已经结束，不能再改期或换场地。"), "closed")


def check_new_times(session: Attended, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises Invalid when what took place would take place once more: its record may be put right only."""
    if is_over(session, now) and now < ends_at:
        raise Invalid({"ends_at": _("本场已经结束，不能再改到以后。请添加新的场次。")})
    if session.attended and starts_at > now:
        sentence = _("本场已有%(n)s人签到，不能再改到以后。请添加新的场次。", n=session.attended)
        raise Invalid({"starts_at": sentence})


def moved_times(session: SessionRow, starts_at: datetime, ends_at: datetime) -> dict[str, datetime]:
    """Registration closes and the doors open as long before the new start as before the old one."""
    shift = starts_at - session.starts_at
    return {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "opens_at": session.opens_at,
        "closes_at": min(session.closes_at + shift, ends_at),
        "check_in_opens_at": session.check_in_opens_at + shift,
        "check_in_closes_at": session.check_in_closes_at + (ends_at - session.ends_at),
    }


def moved_errors(times: dict[str, datetime], now: datetime) -> dict[str, str]:
    """What is wrong with times that moved, said of the two that were typed."""
    names = ("starts_at", "ends_at", "opens_at", "closes_at")
    errors = session_errors(*(times[name] for name in names))
    if errors.pop("closes_at", None) and not errors:
        errors["starts_at"] = _("报名截止时间随开始时间移动，会早于报名开始时间。请先修改报名时间。")
    if not errors and times["ends_at"] <= now:
        errors["ends_at"] = _("新的结束时间已经过去，请选以后的时间。")
    return errors


def session_fields(session: SessionRow) -> Fields:
    """What is stored, as the form shows it."""
    lead = int((session.starts_at - session.check_in_opens_at).total_seconds() // 60)
    return {
        "starts_at": field_text(session.starts_at),
        "ends_at": field_text(session.ends_at),
        "venue": session.venue,
        "address": session.address,
        "site": session.site_name or "",
        "in_charge": str(session.in_charge or ""),
        "title": session.title,
        "guests": "\n".join(parted((g.name, g.honour, g.unit)) for g in session.guests),
        "capacity": str(session.capacity),
        "check_in_lead": str(lead),
        "opens_at": field_text(session.opens_at),
        "closes_at": field_text(session.closes_at),
        "waiting_list": "yes" if session.waiting_list else "",
    }


def form_fields(form: SessionForm, base: Mapping[str, str]) -> Fields:
    """What was sent, in the same words. An address left out is the one that the venue had."""
    kept = form.address or (base.get("address", "") if base.get("venue") == form.venue else "")
    return {
        "starts_at": field_text(form.starts_at),
        "ends_at": field_text(form.ends_at),
        "venue": form.venue,
        "address": kept,
        "site": form.site,
        "in_charge": base.get("in_charge", "") if form.in_charge is None else form.in_charge,
        "title": form.title,
        "guests": _guest_lines(form.guests),
        "capacity": str(form.capacity),
        "check_in_lead": str(form.check_in_lead),
        "opens_at": field_text(form.opens_at),
        "closes_at": field_text(form.closes_at),
        "waiting_list": "yes" if form.waiting_list else "",
    }


def changes(before: Fields, after: Fields) -> dict[str, tuple[str, str]]:
    """Old and new by field, where they differ."""
    return {field: (old, after[field]) for field, old in before.items() if after[field] != old}


def changes_in_words(before: SessionRow, after: SessionRow) -> dict[str, tuple[str, str]]:
    """As they are kept: who is in charge by name, because an account's number tells nobody anything later."""
    changed = changes(session_fields(before), session_fields(after))
    if "in_charge" in changed:
        changed["in_charge"] = (before.in_charge_name or "", after.in_charge_name or "")
    return changed


class Difference(msgspec.Struct, frozen=True):
    """A field in which what is stored now is not what was sent: as it was before both, theirs and mine."""

    field: str
    base: str
    theirs: str
    mine: str

    @property
    def choice(self) -> str:
        """Whose stays unless somebody says so; "" where both have changed it."""
        if self.mine == self.base:
            return "theirs"
        return "mine" if self.theirs == self.base else ""


class Merge(msgspec.Struct, frozen=True):
    """What two people made of the same session, and for each field whose stays: "theirs" or "mine"."""

    base: Fields
    theirs: Fields
    mine: Fields
    choices: dict[str, str] | None = None

    @property
    def differences(self) -> list[Difference]:
        return [
            Difference(field, self.base.get(field, text), text, self.mine[field])
            for field, text in self.theirs.items()
            if self.mine.get(field, text) != text
        ]

    def choice(self, difference: Difference) -> str:
        """What was chosen, or what goes without saying when nobody was asked yet; "" while it is open."""
        if self.choices is None:
            return difference.choice
        said = self.choices.get(difference.field, "")
        return said if said in ("theirs", "mine") else ""

    @property
    def missing(self) -> list[str]:
        """Fields for which somebody was asked and has not chosen."""
        return [d.field for d in self.differences if self.choices is not None and not self.choice(d)]

    @property
    def result(self) -> Fields:
        taken = {d.field: d.theirs for d in self.differences if self.choice(d) == "theirs"}
        return {**self.mine, **taken}


def is_overtaken(merge: Merge) -> bool:
    """Whether what is stored is neither what the form began with nor what it would save."""
    same = all(merge.base.get(field, text) == text for field, text in merge.theirs.items())
    return not same and bool(merge.differences)


def _guest_lines(text: str) -> str:
    """As session_fields writes them."""
    lines = [[part.strip() for part in re.split("[,，]", line, maxsplit=2)] for line in text.splitlines()]
    return "\n".join(parted(parts) for parts in lines if parts[0])
