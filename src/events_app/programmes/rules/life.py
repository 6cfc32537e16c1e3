"""The life of an activity: which steps lead from where to where, who may take them, and why one cannot be taken now.

Whether it runs or is finished is seen from its sessions' times and never stored.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import ActivityState

# What can be seen by everybody: `published_at` is set.
VISIBLE = frozenset({ActivityState.PUBLISHED, ActivityState.POSTPONED, ActivityState.CALLED_OFF})


class Verb(StrEnum):
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RETURN = "return"
    APPROVE = "approve"
    REVISE = "revise"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    POSTPONE = "postpone"
    RESUME = "resume"
    CALL_OFF = "call_off"
    RESTORE = "restore"


class Who(StrEnum):
    """An organiser of the activity's union, one of the union above it, or nobody: it follows from something else."""

    ORGANISER = "organiser"
    REVIEWER = "reviewer"
    NOBODY = "nobody"


class Step(msgspec.Struct, frozen=True):
    """`remark`: whoever takes it must say why."""

    verb: Verb
    start: frozenset[ActivityState]
    end: ActivityState
    who: Who = Who.ORGANISER
    remark: bool = False


S = ActivityState
STEPS = {
    step.verb: step
    for step in (
        Step(Verb.SUBMIT, frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED),
        Step(Verb.PUBLISH, frozenset({S.DRAFT, S.RETURNED, S.APPROVED}), S.PUBLISHED),
        Step(Verb.WITHDRAW, frozenset({S.SUBMITTED}), S.DRAFT),
        Step(Verb.APPROVE, frozenset({S.SUBMITTED}), S.APPROVED, Who.REVIEWER),
        Step(Verb.RETURN, frozenset({S.SUBMITTED}), S.RETURNED, Who.REVIEWER, remark=True),
        Step(Verb.REVISE, frozenset({S.APPROVED}), S.DRAFT, Who.NOBODY),
        Step(Verb.RESUME, frozenset({S.POSTPONED}), S.PUBLISHED),
        Step(Verb.RESTORE, frozenset({S.CALLED_OFF}), S.PUBLISHED),
        Step(Verb.UNPUBLISH, frozenset({S.PUBLISHED}), S.DRAFT),
        Step(Verb.POSTPONE, frozenset({S.PUBLISHED}), S.POSTPONED, remark=True),
        Step(Verb.CALL_OFF, frozenset({S.PUBLISHED, S.POSTPONED}), S.CALLED_OFF, remark=True),
    )
}


class Standing(msgspec.Struct, frozen=True):
    """What steps are decided from. Sessions that were called off are not counted.

    `coming` are neither over nor has anybody come yet, `overdue` were postponed and their time has passed.
    `registered` counts places and waiting numbers that are held. `reviewed`: the union above, `reviewer` by name,
    approves what is published.
    """

    state: ActivityState
    sessions: int = 0
    coming: int = 0
    overdue: int = 0
    registered: int = 0
    reviewed: bool = False
    reviewer: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None


def check_step(verb: Verb, standing: Standing) -> Step:
    """The step, or Refused with the reason why it does not fit."""
    step = STEPS[verb]
    if standing.state not in step.start:
        raise Refused(
            _(
                "活动现在是“%(state)s”，不能“%(verb)s”。请看看页面上现在可以做什么。",
                state=activity_state_name(standing.state),
                verb=verb_name(verb),
            ),
            "wrong_state",
        )
    if refusal := _refusal(verb, standing):
        raise Refused(*refusal)
    return step


def offered_steps(standing: Standing, who: Who) -> list[Step]:
    """Those that make sense now, in the order of the way; some say what has to be done first."""
    return [
        step
        for step in STEPS.values()
        if standing.state in step.start and step.who == who and _is_offered(step.verb, standing)
    ]


def published_at(end: ActivityState, before: datetime | None, now: datetime) -> datetime | None:
    """Since when everybody can see it, after a step that ends there: kept as long as it stays visible."""
    return (before or now) if end in VISIBLE else None


def check_editable(state: ActivityState) -> None:
    """Raises Refused while the union above is reading it."""
    if state == ActivityState.SUBMITTED:
        raise Refused(_("活动正在等上级工会审核，不能修改。要修改，请先撤回。"), "submitted")


def check_takes_sessions(state: ActivityState) -> None:
    """Raises Refused when a new session could not be registered for."""
    if state == ActivityState.CALLED_OFF:
        raise Refused(_("活动已经取消，不能添加场次。要再办，请先恢复活动。"), "called_off")
    if state == ActivityState.POSTPONED:
        raise Refused(
            _("活动已经延期，不能添加场次。请先恢复活动，或把原来的场次改到新的时间。"), "postponed"
        )


def stage(state: str, first_at: datetime | None, last_at: datetime | None, now: datetime) -> str:
    """The state, or running or finished for what is published and has begun."""
    if state != ActivityState.PUBLISHED or first_at is None or last_at is None or now < first_at:
        return state
    return "running" if now < last_at else "finished"


def activity_state_name(state: str) -> str:
    """The word for a state or a stage."""
    names = {
        ActivityState.DRAFT: _("草稿"),
        ActivityState.SUBMITTED: _("待上级审核"),
        ActivityState.RETURNED: _("已退回"),
        ActivityState.APPROVED: _("已通过审核"),
        ActivityState.PUBLISHED: _("已发布"),
        ActivityState.POSTPONED: _("已延期"),
        ActivityState.CALLED_OFF: _("已取消"),
        "running": _("进行中"),
        "finished": _("已结束"),
    }
    return names[state]


def verb_name(verb: str) -> str:
    names = {
        Verb.SUBMIT: _("提交审核"),
        Verb.WITHDRAW: _("撤回"),
        Verb.RETURN: _("退回"),
        Verb.APPROVE: _("通过"),
        Verb.REVISE: _("修改"),
        Verb.PUBLISH: _("发布活动"),
        Verb.UNPUBLISH: _("撤下"),
        Verb.POSTPONE: _("延期"),
        Verb.RESUME: _("恢复举行"),
        Verb.CALL_OFF: _("取消活动"),
        Verb.RESTORE: _("恢复活动"),
    }
    return names[Verb(verb)]


def _is_offered(verb: Verb, standing: Standing) -> bool:
    """Also what is refused for now, where whoever looks can do something about it."""
    refusal = _refusal(verb, standing)
    return refusal is None or (
        refusal[1] in ("no_session", "overdue") and verb in _DOABLE and _is_asked(verb, standing)
    )


_DOABLE = frozenset({Verb.PUBLISH, Verb.SUBMIT, Verb.RESUME})


def _is_asked(verb: Verb, standing: Standing) -> bool:
    """Nobody is offered a review that nobody asks for, nor publishing before one that is asked for."""
    if verb == Verb.SUBMIT:
        return standing.reviewed
    return verb != Verb.PUBLISH or not _needs_approval(standing)


def _needs_approval(standing: Standing) -> bool:
    return standing.reviewed and standing.state != ActivityState.APPROVED


def _refusal(verb: Verb, standing: Standing) -> tuple[str, str] | None:
    """A sentence and its stable word."""
    if verb in (Verb.PUBLISH, Verb.SUBMIT) and not standing.sessions:
        return _("还没有场次。请先添加至少一个场次，再发布。"), "no_session"
    if verb == Verb.SUBMIT and not standing.reviewed:
        return _("上级工会不要求审核，可以直接发布。"), "not_reviewed"
    if verb == Verb.PUBLISH and _needs_approval(standing):
        return _("发布前要由%(union)s审核。请先提交审核。", union=standing.reviewer), "not_approved"
    if verb == Verb.UNPUBLISH and standing.registered:
        sentence = _("已有%(n)s人报名，不能撤下。可以延期或取消，他们会收到通知。", n=standing.registered)
        return sentence, "registered"
    if verb == Verb.POSTPONE and not standing.coming:
        return _("没有还没结束的场次，不必延期。"), "no_session"
    if verb == Verb.RESUME and standing.overdue:
        sentence = _(
            "有%(n)s个延期的场次，原定时间已经过了。请先把它们改到新的时间，再恢复举行。", n=standing.overdue
        )
        return sentence, "overdue"
    if verb == Verb.CALL_OFF and standing.sessions and not (standing.coming or standing.overdue):
        return _("所有场次都已经结束，不能再取消活动。"), "closed"
    return None
