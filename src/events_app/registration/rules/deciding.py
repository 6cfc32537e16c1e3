"""What people are told of an organiser's decision, and of a draw: whole sentences in the language spoken now."""

from collections.abc import Callable

from events_app.lib.clock import span_text
from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import is_english
from events_app.programmes.queries.sessions import SessionRow

Say = Callable[[SessionRow, bool], str]


def accepted_text(session: SessionRow, course: bool) -> str:
    if course:
        return _("您报名的“%(title)s”（全部场次）已通过审核。", title=session.activity_title)
    return _("您报名的“%(title)s”%(when)s的场次已通过审核。", **_named(session))


def declined_text(session: SessionRow, course: bool) -> str:
    if course:
        return _("您报名的“%(title)s”（全部场次）没有通过审核。", title=session.activity_title)
    return _("您报名的“%(title)s”%(when)s的场次没有通过审核。", **_named(session))


def restored_text(session: SessionRow, course: bool) -> str:
    if course:
        return _("您报名的“%(title)s”（全部场次）将重新审核。", title=session.activity_title)
    return _("您报名的“%(title)s”%(when)s的场次将重新审核。", **_named(session))


def with_message(said: str, message: str) -> str:
    """The organiser's own words behind ours."""
    if not message:
        return said
    words = message if message[-1] in "。！？.!?" else message + ("." if is_english() else "。")
    return (" " if is_english() else "").join((said, _("组织者留言：%(message)s", message=words)))


def drawn_text(session: SessionRow) -> str:
    return _("抽签结果：您在“%(title)s”%(when)s的场次中签，报名成功。", **_named(session))


def waiting_text(session: SessionRow) -> str:
    return _(
        "抽签结果：您在“%(title)s”%(when)s的场次没有中签，已按抽签顺序排入候补，位次见入场码页面。",
        **_named(session),
    )


def lost_text(session: SessionRow) -> str:
    return _("抽签结果：您在“%(title)s”%(when)s的场次没有中签。", **_named(session))


def already_decided() -> Refused:
    return Refused(_("这条报名已经处理过了，请刷新名单。"), "not_pending")


def overfull() -> Refused:
    return Refused(_("通过以后会超过名额，请先增加名额，或先不通过几个人。"), "full")


def no_room(free: int) -> Refused:
    return Refused(
        _(
            "不能撤销：本场还剩%(free)s个名额，或者已经有人候补。请先增加名额，或请本人重新报名。",
            free=max(free, 0),
        ),
        "full",
    )


def too_late() -> Refused:
    return Refused(_("本场已经取消或者已经结束，不必再审核。"), "closed")


def nobody_ticked() -> Refused:
    return Refused(_("还没有选人。请先勾选要处理的报名。"), "nobody")


def _named(session: SessionRow) -> dict[str, str]:
    title = f"{session.activity_title}·{session.title}" if session.title else session.activity_title
    return {"title": title, "when": span_text(session.starts_at, session.ends_at)}
