"""What somebody answers to an activity's questions: read with every mistake at once, and shown as it was asked."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import msgspec

from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.registration.rules.answer_kinds import YES, read_many, read_one
from events_app.registration.rules.questions import Answers, Question, QuestionKind, Stage

FILES = frozenset({QuestionKind.FILE, QuestionKind.PICTURE})
# What was sent by question code: one text, or all the values of a form's field; of a file its attachment's code.
Sent: TypeAlias = Mapping[str, str | list[str]]


class Reply(msgspec.Struct, frozen=True):
    """Answers to the questions of this version of the terms, or to those that stand now where it is 0.

    `files` are the codes of the attachments among the answers.
    """

    terms: int = 0
    answers: Answers = {}
    files: list[str] = []


NO_ANSWERS = Reply()


class Worded(msgspec.Struct, frozen=True):
    """One answer in the words it was asked and given in. `file` is an attachment's code."""

    question: Question
    text: str
    file: str = ""

    @property
    def label(self) -> str:
        return self.question.label


def terms_changed() -> Refused:
    return Refused(_("组织者刚刚修改了问题或告知。请看下面的新内容，补充后再提交一次。"), "terms_changed")


def field_name(code: str) -> str:
    """The form's field, and the name under which its mistake is told."""
    return f"q-{code}"


def asked_at(questions: Sequence[Question], stage: Stage) -> list[Question]:
    return [question for question in questions if question.stage == stage]


def read(
    questions: Sequence[Question],
    sent: Sent,
    *,
    stage: Stage = Stage.REGISTRATION,
    given: Answers | None = None,
    files: Collection[str] = (),
) -> Answers:
    """The answers to the questions of this stage; raises Invalid with a sentence by `field_name`.

    What was answered to a question that a condition leaves out is dropped: without a script the form shows it all
    the same. `given` are the answers of another stage, which conditions may look at; `files` are the attachments
    that may be named. Words may stand for the codes of options.
    """
    answers, errors = dict(given or {}), unknown(questions, sent)
    own = asked_at(questions, stage)
    for question in own:
        answers.pop(question.code, None)
        if not is_asked(question, answers):
            continue
        try:
            answers[question.code] = _read(question, sent.get(question.code, ""), files)
        except ValueError as error:
            errors[field_name(question.code)] = str(error)
    if errors:
        raise Invalid(errors)
    return {q.code: answers[q.code] for q in own if answers.get(q.code)}


def unknown(questions: Sequence[Question], sent: Sent) -> dict[str, str]:
    """Whoever answers what nobody asked believes to have told something that would be lost."""
    known = {question.code for question in questions}
    return {
        field_name(str(code)[:60]): _("没有这个问题，请刷新页面后重新填写。")
        for code in sent
        if code not in known
    }


def is_asked(question: Question, answers: Mapping[str, str | list[str]]) -> bool:
    """Whether its condition holds. The question that it looks at stands before it, and may be left out itself."""
    if question.only_if is None:
        return True
    answer = answers.get(question.only_if.question, "")
    return question.only_if.answer in ([answer] if isinstance(answer, str) else answer)


def merged(questions: Sequence[Question], old: Answers, new: Answers, stage: Stage) -> Answers:
    """`new` for this stage's questions, `old` for those of the others; what nobody asks any more goes."""
    kept = {q.code: old[q.code] for q in questions if q.stage != stage and q.code in old}
    return kept | new


def files_in(questions: Sequence[Question], answers: Answers) -> list[str]:
    """The codes of the attachments among the answers."""
    return [str(answers[q.code]) for q in questions if q.kind in FILES and q.code in answers]


def reply_to(terms: int, questions: Sequence[Question], answers: Answers) -> Reply:
    return Reply(terms, answers, files_in(questions, answers))


def worded(questions: Sequence[Question], answers: Answers, names: Mapping[str, str]) -> list[Worded]:
    """The answers as they were asked and given; `names` of the attachments by code."""
    return [_worded(q, answers[q.code], names) for q in questions if q.code in answers]


def _read(question: Question, sent: str | list[str], files: Collection[str]) -> str | list[str]:
    values = [sent] if isinstance(sent, str) else sent
    last = values[-1] if values else ""
    answer: str | list[str]
    if question.kind == QuestionKind.MANY_OF:
        answer = read_many(question, values)
    elif question.kind in FILES:
        answer = _file(last, files)
    else:
        answer = read_one(question, last)
    if question.required and not answer:
        raise ValueError(_missing(question.kind))
    return answer


def _file(code: str, files: Collection[str]) -> str:
    if code and code not in files:
        raise ValueError(_("上传的文件没有保存下来，请重新选择文件。"))
    return code


def _missing(kind: QuestionKind) -> str:
    match kind:
        case QuestionKind.ONE_OF:
            return _("请选择一项。")
        case QuestionKind.MANY_OF:
            return _("请至少选择一项。")
        case QuestionKind.FILE:
            return _("请选择要上传的文件。")
        case QuestionKind.PICTURE:
            return _("请选择要上传的图片。")
        case QuestionKind.AGREEMENT:
            return _("同意后才能报名，请勾选。")
    return _("这一项必须填写。")


def _worded(question: Question, answer: str | list[str], names: Mapping[str, str]) -> Worded:
    if question.kind in FILES:
        code = str(answer)
        return Worded(question, names.get(code, _("文件已删除")), code if code in names else "")
    return Worded(question, answer_text(question, answer))


def answer_text(question: Question, answer: str | list[str]) -> str:
    """One answer in words."""
    if question.kind == QuestionKind.AGREEMENT:
        return _("同意") if answer == YES else ""
    if question.kind in (QuestionKind.ONE_OF, QuestionKind.MANY_OF):
        labels = {option.code: option.label for option in question.options}
        chosen = [answer] if isinstance(answer, str) else answer
        return "、".join(labels.get(code, code) for code in chosen)
    return str(answer)
