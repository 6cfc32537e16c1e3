"""What having come to an activity is worth, in plain words."""

from decimal import Decimal
from typing import Protocol

from events_app.lib.language import gettext as _


class Worth(Protocol):
    """Columns of the activity; see tables.Activity."""

    @property
    def minimum_minutes(self) -> int | None: ...
    @property
    def must_check_out(self) -> bool: ...
    @property
    def session_hours(self) -> Decimal | None: ...
    @property
    def certificates(self) -> bool: ...
    @property
    def certificate_hours(self) -> Decimal | None: ...


def worth_sentences(activity: Worth) -> list[str]:
    """What somebody should know before coming; nothing where having come is all there is to it."""
    return [
        sentence for sentence in (_counting(activity), _hours(activity), _certificate(activity)) if sentence
    ]


def hours_text(hours: Decimal) -> str:
    """3 for 3.0, 1.5 for 1.5."""
    return f"{Decimal(str(hours)).normalize():f}"


def _counting(activity: Worth) -> str:
    if activity.minimum_minutes and activity.must_check_out:
        return _("在场满%(n)s分钟并登记离场，才算参加一场。", n=activity.minimum_minutes)
    if activity.minimum_minutes:
        return _("在场满%(n)s分钟，才算参加一场。", n=activity.minimum_minutes)
    return _("离开时须登记离场，才算参加一场。") if activity.must_check_out else ""


def _hours(activity: Worth) -> str:
    hours = activity.session_hours
    return _("参加一场计%(hours)s学时。", hours=hours_text(hours)) if hours else ""


def _certificate(activity: Worth) -> str:
    if not activity.certificates:
        return ""
    if hours := activity.certificate_hours:
        return _("满%(hours)s学时，可以在入场码页面领取参加证书。", hours=hours_text(hours))
    return _("参加以后，可以在入场码页面领取参加证书。")
