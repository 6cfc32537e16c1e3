"""Laying out what an activity asks, and what is agreed to: every save is a new version, so none is ever changed."""

from collections.abc import Callable
from typing import TypeAlias

from msgspec.structs import replace

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib.codes import new_code
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.queries.activities import ActivityRow
from events_app.programmes.rules.life import check_editable
from events_app.registration.actions.terms import latest_terms
from events_app.registration.forms import NoticeForm, QuestionForm, QuestionStepForm, VersionForm
from events_app.registration.queries import terms as queries
from events_app.registration.rules import builder as rules
from events_app.registration.rules.builder import find_question, read_condition
from events_app.registration.rules.differences import differences, says_the_same
from events_app.registration.rules.questions import Question, QuestionKind
from events_app.registration.rules.terms import TermsVersion

_CODE_LENGTH = 6
_MOST_VERSIONS = 32_767
Edit: TypeAlias = Callable[[TermsVersion], TermsVersion]


class TermsConflict(Refused):
    """Somebody saved meanwhile: `changes` in words, and the version that stands `latest`."""

    def __init__(self, changes: list[str], latest: TermsVersion) -> None:
        super().__init__(
            _("刚才另有人保存了修改，见下面的列表。请核对，仍要照您的意思修改就再提交一次。"), "changed"
        )
        self.changes = changes
        self.latest = latest


async def own_terms(me: Me, activity_code: str) -> tuple[ActivityRow, TermsVersion]:
    """An activity that `me` organises with the version that stands; raises NotFound."""
    activity = await own_activity(me, activity_code)
    return activity, await latest_terms(activity.id)


async def own_question(me: Me, activity_code: str, code: str) -> tuple[ActivityRow, TermsVersion, Question]:
    """Raises NotFound."""
    activity, terms = await own_terms(me, activity_code)
    return activity, terms, _question(terms, code)


async def add_question(me: Me, activity_code: str, form: QuestionForm) -> str:
    """Returns its code. Raises NotFound, Invalid and TermsConflict, as do all that follow."""
    question = drafted(form, None)
    await _save(me, activity_code, form, "question.create", question.label, _adding(question))
    return question.code


async def change_question(me: Me, activity_code: str, code: str, form: QuestionForm) -> None:
    """Its kind stays: answers of another kind would be answers to another question."""

    def edit(terms: TermsVersion) -> TermsVersion:
        question = drafted(form, _question(terms, code))
        return replace(terms, questions=rules.with_changed(terms.questions, question))

    await _save(me, activity_code, form, "question.update", form.label, edit)


async def remove_question(me: Me, activity_code: str, code: str, form: VersionForm) -> None:
    """What was answered to it is kept. Raises Refused while another question depends on it."""
    _activity, _terms, question = await own_question(me, activity_code, code)

    def edit(terms: TermsVersion) -> TermsVersion:
        return replace(terms, questions=rules.without(terms.questions, code))

    await _save(me, activity_code, form, "question.remove", question.label, edit)


async def move_question(me: Me, activity_code: str, code: str, form: QuestionStepForm) -> None:
    """Raises Refused where it cannot stand there."""
    _activity, _terms, question = await own_question(me, activity_code, code)

    def edit(terms: TermsVersion) -> TermsVersion:
        return replace(terms, questions=rules.with_moved(terms.questions, code, form.step))

    await _save(me, activity_code, form, "question.move", question.label, edit)


async def change_notice(me: Me, activity_code: str, form: NoticeForm) -> None:
    words = {
        "purpose": form.purpose,
        "recipients": form.recipients,
        "text": form.text,
        "keep_days": form.keep_days,
    }
    await _save(me, activity_code, form, "notice.update", "", lambda terms: replace(terms, **words))


async def restore_terms(me: Me, activity_code: str, number: int, form: VersionForm) -> None:
    """Questions and notice as they stood in that version, as a new one."""
    activity = await own_activity(me, activity_code)
    old = await queries.find_terms(activity.id, number) if number <= _MOST_VERSIONS else None
    if old is None:
        raise NotFound
    await _save(me, activity_code, form, "terms.restore", str(number), lambda _terms: old)


def drafted(form: QuestionForm, old: Question | None) -> Question:
    """The question that the form describes; what its kind has no use for is left out."""
    kind = old.kind if old else form.kind
    lines = [line for line in map(str.strip, form.options.split("\n")) if line]
    options = rules.options_from(lines, old.options if old else [], lambda: new_code(_CODE_LENGTH))
    bounded = kind in rules.BOUNDED
    return Question(
        code=old.code if old else new_code(_CODE_LENGTH),
        kind=QuestionKind(kind),
        label=form.label,
        help=form.help,
        required=form.required,
        options=options if kind in rules.CHOOSING else [],
        stage=form.stage,
        only_if=read_condition(form.condition),
        purpose=form.purpose,
        keep_days=None if form.keep_days == "" else form.keep_days,
        sensitive=form.sensitive,
        least=form.least if bounded and form.least != "" else None,
        most=form.most if bounded and form.most != "" else None,
    )


def _adding(question: Question) -> Edit:
    return lambda terms: replace(terms, questions=rules.with_added(terms.questions, question))


async def _save(me: Me, activity_code: str, form: VersionForm, deed: str, subject: str, edit: Edit) -> None:
    """The version after the one that stands. Two at once: one row has the number, the other is told what changed."""
    activity, latest = await own_terms(me, activity_code)
    check_editable(activity.state)
    if form.base is not None and form.base != latest.number:
        raise await _conflict(form.base, latest)
    edited = edit(latest)
    if says_the_same(latest, edited):
        return
    number = latest.number + 1
    async with transaction():
        if not await queries.add_terms(replace(edited, number=number), me.account):
            raise await _conflict(latest.number, await latest_terms(activity.id))
        owner = activity.organization
        await audit(me, deed, activity_code, organization=owner, version=number, about=subject)


async def _conflict(base: int, latest: TermsVersion) -> TermsConflict:
    seen = await queries.find_terms(latest.activity, base)
    return TermsConflict(differences(seen, latest) if seen else [], latest)


def _question(terms: TermsVersion, code: str) -> Question:
    question = find_question(terms.questions, code)
    if question is None:
        raise NotFound(_("没有这个问题，可能刚才被别人删去了。请回到问题列表。"))
    return question
