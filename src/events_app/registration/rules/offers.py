"""Places on offer: what may be answered, and what people in line are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from events_app.lib.clock import moment_text, span_text
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import is_english
from events_app.registration.rules.seats import Held, takes_place
from events_app.registration.tables import SeatState


class Named(Protocol):
    """A session as it is called."""

    @property
    def title(self) -> str: ...
    @property
    def activity_title(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


class Offered(Held, Protocol):
    @property
    def offer_ends_at(self) -> datetime | None: ...


S = TypeVar("S", bound=Offered)


def open_offers(seats: Sequence[S], now: datetime) -> list[S]:
    """Those to which a yes still counts. At its end an offer is over, even if nobody has taken the place back yet."""
    return [
        seat
        for seat in seats
        if seat.state == SeatState.OFFERED
        and seat.offer_ends_at is not None
        and now < seat.offer_ends_at
        and takes_place(seat, now)
    ]


def not_on_offer() -> Refused:
    return Refused(_("现在没有等您确认的名额，可能已经确认过。请刷新本页查看。"), "not_offered")


def offer_lapsed() -> Refused:
    return Refused(
        _("确认时间已经过了，名额已让给下一位。想参加请重新报名，排在候补名单最后。"), "offer_lapsed"
    )


def served_text(session: Named, state: SeatState, ends: datetime | None) -> str:
    """What somebody hears whose turn in line has come."""
    facts = _facts(session)
    if state == SeatState.OFFERED and ends:
        said = _(
            "轮到您了：“%(title)s”%(when)s的场次为您留了名额，请在%(ends)s前确认。",
            ends=moment_text(ends),
            **facts,
        )
        return _joined(said, _("请打开入场码页面确认；到时没有确认，名额让给下一位。"))
    if state == SeatState.PENDING:
        return _("候补递补：“%(title)s”%(when)s的场次有了名额，正在等待主办单位审核。", **facts)
    said = _("候补成功：您已得到“%(title)s”%(when)s场次的名额。", **facts)
    return _joined(said, _("不能来时，请在入场码页面取消。"))


def lapsed_text(session: Named) -> str:
    facts = _facts(session)
    return _("名额已过期：“%(title)s”%(when)s的场次没有按时确认，名额已让给下一位。", **facts)


def moved_in_line_text(session: Named, position: int, reason: str) -> str:
    """For the person whom an organiser moved; `position` counts from 1."""
    said = _("候补顺序调整：您在“%(title)s”%(when)s场次的候补改为第%(n)s位。", n=position, **_facts(session))
    return _joined(said, _("原因：%(reason)s。", reason=reason.rstrip("。.!！")))


def passed_text(session: Named) -> str:
    """For those who stood before somebody whom an organiser moved ahead of them."""
    said = _(
        "候补顺序调整：主办单位让别人在“%(title)s”%(when)s的场次排到了您前面，原因已记录。", **_facts(session)
    )
    return _joined(said, _("您现在的位置见入场码页面；有疑问请联系主办单位。"))


def _facts(session: Named) -> dict[str, str]:
    name = f"{session.activity_title}·{session.title}" if session.title else session.activity_title
    return {"title": name, "when": span_text(session.starts_at, session.ends_at)}


def _joined(*sentences: str) -> str:
    return (" " if is_english() else "").join(sentences)
