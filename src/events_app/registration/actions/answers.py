"""Answering an activity's questions: in a form, by a script, at the door."""

from collections.abc import Mapping, Sequence

import msgspec

from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.registration.actions.attachments import Upload, keep_uploads
from events_app.registration.actions.terms import find_version, latest_terms, terms_of
from events_app.registration.queries import answers as queries
from events_app.registration.queries import attachments
from events_app.registration.queries.answers import SeatAnswers
from events_app.registration.queries.attachments import Draft
from events_app.registration.rules.answer_columns import AnswerColumns, answer_columns
from events_app.registration.rules.answers import (
    FILES,
    Reply,
    Worded,
    asked_at,
    field_name,
    files_in,
    merged,
    read,
    reply_to,
    worded,
)
from events_app.registration.rules.questions import Answers, Question, Stage
from events_app.registration.rules.terms import TermsVersion

# Where a session belongs never changes, so each process asks once. By the session's code.
_activities: dict[str, int] = {}
_MOST_KNOWN = 10_000
# Numbers of versions come out of forms, so anything may.
_NUMBERS_END = 32_768


class Filled(msgspec.Struct, frozen=True):
    """What a form brought, by question code: texts (of a file that was kept before its code), and new files."""

    sent: dict[str, list[str]] = {}
    uploads: dict[str, Upload] = {}


class Answered(msgspec.Struct, frozen=True):
    """What became of it: the reply, or what is wrong with it by field. `files` are kept for the next try."""

    reply: Reply
    errors: dict[str, str]
    files: dict[str, Draft]

    def values(self) -> dict[str, str]:
        """For the form that comes back: the kept files' codes and names."""
        codes = {field_name(code): draft.code for code, draft in self.files.items()}
        return codes | {f"{field_name(code)}-name": draft.name for code, draft in self.files.items()}


async def terms_shown(session: str, number: int | None) -> TermsVersion:
    """The version that somebody saw on a session's page, or the latest; raises NotFound for an unknown session.

    Whether it still stands is told by whoever registers under it.
    """
    activity = await _activity_of(session)
    seen = await find_version(activity, number) if number and number < _NUMBERS_END else None
    return seen or await latest_terms(activity)


async def asks_files(session: str) -> bool:
    """Whether the session's form has a place for files, so that it may be large; raises NotFound."""
    terms = await latest_terms(await _activity_of(session))
    return any(question.kind in FILES for question in asked_at(terms.questions, Stage.REGISTRATION))


async def answer(
    terms: TermsVersion,
    filled: Filled,
    *,
    stage: Stage = Stage.REGISTRATION,
    registration: int | None = None,
    given: Answers | None = None,
) -> Answered:
    """Read a form. `registration` and its answers so far are `given` where somebody changes theirs.

    What was answered at the other stages stays as it is.
    """
    drafts, wrong = await keep_uploads(terms, filled.uploads)
    kept = await _kept(terms, filled, registration)
    files = kept | drafts
    sent = {code: value for code, value in filled.sent.items() if code not in files}
    errors = {field_name(code): sentence for code, sentence in wrong.items()}
    try:
        own = read(
            terms.questions,
            sent | {code: draft.code for code, draft in files.items()},
            stage=stage,
            given=given,
            files=[draft.code for draft in files.values()],
        )
    except Invalid as invalid:
        return Answered(Reply(terms.number), invalid.errors | errors, files)
    answers = merged(terms.questions, given or {}, own, stage)
    return Answered(reply_to(terms.number, terms.questions, answers), errors, files)


def answer_by_script(
    terms: TermsVersion, sent: Mapping[str, str | list[str]]
) -> tuple[Answers, dict[str, str]]:
    """Questions by code or by their words. The mistakes go by names such as answers.q1."""
    asked = asked_at(terms.questions, Stage.REGISTRATION)
    known = {question.code: question for question in terms.questions}
    by_words = {question.label: question.code for question in reversed(asked)}
    by_code = {key if key in known else by_words.get(key, key): value for key, value in sent.items()}
    files = [code for code in by_code if code in known and known[code].kind in FILES]
    answers, errors = {}, {field_name(code): _("文件只能在报名页面上传，请删去这一项。") for code in files}
    try:
        answers = read(terms.questions, {c: v for c, v in by_code.items() if c not in files})
    except Invalid as invalid:
        errors = invalid.errors | errors
    return answers, {f"answers.{name.removeprefix('q-')}": said for name, said in errors.items()}


class Asking(msgspec.Struct, frozen=True):
    """Whether an activity asks anything at all, and anything at the door."""

    anything: bool
    at_door: bool


async def what_is_asked(session: str) -> Asking:
    """Of those who come to this session; raises NotFound."""
    terms = await latest_terms(await _activity_of(session))
    return Asking(bool(terms.questions), bool(asked_at(terms.questions, Stage.DOOR)))


async def words_of(seat: SeatAnswers, questions: Sequence[Question]) -> list[Worded]:
    """What was answered to these, in the words of the version that was answered."""
    return worded(questions, seat.answers, await file_names(seat))


async def session_columns(session: int, activity: int) -> AnswerColumns:
    """For a table of all that a session's people answered, under whatever version."""
    numbers = await queries.list_terms_used(session)
    return answer_columns({n: (await terms_of(activity, n)).questions for n in numbers if n})


async def file_names(seat: SeatAnswers) -> dict[str, str]:
    """The names of the files among the answers, by code."""
    terms = await terms_of(seat.activity, seat.terms)
    files = files_in(terms.questions, seat.answers)
    return await attachments.list_file_names(seat.registration) if files else {}


async def _activity_of(session: str) -> int:
    if (known := _activities.get(session)) is not None:
        return known
    activity = await queries.find_activity_of(session)
    if activity is None:
        raise NotFound(_("没有这个场次。请核对海报上的二维码或网址。"), "unknown_session")
    if len(_activities) >= _MOST_KNOWN:
        _activities.clear()
    _activities[session] = activity
    return activity


async def _kept(terms: TermsVersion, filled: Filled, registration: int | None) -> dict[str, Draft]:
    """The files of an earlier try that the form names, by question code."""
    asked = {question.code for question in terms.questions if question.kind in FILES}
    named = [value[-1] for code, value in filled.sent.items() if code in asked and value and value[-1]]
    if not named:
        return {}
    drafts = await attachments.list_drafts(named, terms.activity, registration)
    return {draft.question: draft for draft in drafts}
