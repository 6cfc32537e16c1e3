"""What a participant reads, answers and agrees to, in one version."""

from datetime import datetime

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.tables import Kind
from events_app.registration.rules.questions import Question

# What is told about people there is sensitive by itself.
SENSITIVE_KINDS = frozenset({Kind.HEALTH, Kind.LEGAL_AID})


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


def is_sensitive(kind: Kind, terms: TermsVersion) -> bool:
    """Whether a tick of its own is needed."""
    return kind in SENSITIVE_KINDS or any(question.sensitive for question in terms.questions)


def notice(terms: TermsVersion) -> str:
    """What is agreed to, as Markdown."""
    return terms.text or _(
        "我们收集您的姓名、手机号码和所在单位，只用于本次活动的报名、签到和统计，由主办单位保管，不提供给无关的人。"
        "您可以随时在入场码页面取消报名。"
    )
