"""What a participant reads, answers and agrees to, in one version."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.programmes.tables import HostRole, Kind
from events_app.registration.rules.questions import Question, Stage

# What is told about people there is sensitive by itself.
SENSITIVE_KINDS = frozenset({Kind.HEALTH, Kind.LEGAL_AID})
# The keeping of what an activity asks that nobody has thought about.
KEEP_DAYS = 180
_MARKS = re.compile(r"[\\`*_\[\]<>&#~!|]")


class TermsVersion(msgspec.Struct, frozen=True):
    """One row of Terms: the same for ever, so it may be remembered as long as one likes."""

    activity: int
    number: int
    questions: list[Question]
    purpose: str
    recipients: str
    text: str
    keep_days: int
    created_at: datetime


class Hosting(Protocol):
    """An organization's part in an activity."""

    @property
    def role(self) -> HostRole: ...
    @property
    def name(self) -> str: ...


def is_sensitive(kind: Kind, terms: TermsVersion) -> bool:
    """Whether a tick of its own is needed."""
    return kind in SENSITIVE_KINDS or any(question.sensitive for question in terms.questions)


def data_holder(hosts: Sequence[Hosting]) -> str:
    """Who asks for the data, as a notice names it."""
    return listed(host.name for host in hosts if host.role == HostRole.HOST)


def notice(terms: TermsVersion, *, holder: str = "", birth_year: bool = False) -> str:
    """What is agreed to, as Markdown: which fields, why, who receives them, for how long, and one's rights.

    `holder` is who asks, `birth_year` whether that is asked for, and a guardian for a child. The words are those of
    the version; what an organiser wrote besides stands at the end.
    """
    fields = "\n".join(_fields(terms, birth_year=birth_year))
    parts = [_why(terms, holder), fields, _who(terms), _how_long(terms), _rights(), terms.text]
    return "\n\n".join(part for part in parts if part)


def _why(terms: TermsVersion, holder: str) -> str:
    holder = _plain(holder) or _("主办单位")
    purpose = _plain(terms.purpose).rstrip("。.")
    if not purpose:
        return _("%(holder)s收集下列信息，用于本次活动的报名、签到和统计：", holder=holder)
    return _("%(holder)s收集下列信息，用于%(purpose)s：", holder=holder, purpose=purpose)


def _fields(terms: TermsVersion, *, birth_year: bool) -> Iterator[str]:
    yield "- " + _("**姓名、手机号码、所在单位**：报名、签到和统计，有变化时通知您")
    if birth_year:
        yield "- " + _("**出生年份**，未满14周岁的还有**监护人的姓名和电话**：核对年龄，取得监护人同意")
    for question in terms.questions:
        yield "- " + _field(question, terms.keep_days)


def _field(question: Question, keep_days: int) -> str:
    notes = [_("敏感个人信息")] * question.sensitive
    notes += [_("选填")] * (not question.required)
    notes += [_("签到时填写")] * (question.stage == Stage.DOOR)
    if question.keep_days is not None and question.keep_days < keep_days:
        notes.append(_("活动结束后保存%(n)s天", n=question.keep_days))
    purpose = _plain(question.purpose).rstrip("。.") or _("组织本次活动")
    label, noted = _plain(question.label), listed(notes)
    if not noted:
        return _("**%(label)s**：%(purpose)s", label=label, purpose=purpose)
    return _("**%(label)s**（%(notes)s）：%(purpose)s", label=label, notes=noted, purpose=purpose)


def _who(terms: TermsVersion) -> str:
    recipients = _plain(terms.recipients).rstrip("。.")
    if not recipients:
        return _("**谁能看到**：主办单位的工作人员和签到人员。不提供给其他人。")
    return _(
        "**谁能看到**：主办单位的工作人员和签到人员，以及%(recipients)s。不提供给其他人。",
        recipients=recipients,
    )


def _how_long(terms: TermsVersion) -> str:
    return _(
        "**保存多久**：活动结束后%(n)s天删除，只留下不含个人信息的人数统计。",
        n=terms.keep_days,
    )


def _rights() -> str:
    return _("**您可以**：在报名用的手机上取消报名，查看、下载或删除您的信息；也可以联系主办单位。")


def _plain(words: str) -> str:
    """Text that Markdown leaves alone."""
    return _MARKS.sub(r"\\\g<0>", words)
