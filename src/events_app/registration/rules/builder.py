"""Laying out questions: each step takes a list of them, checks that it holds together, and gives a new list."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind, Stage

MOST_QUESTIONS = 40
MOST_OPTIONS = 60
LONGEST_OPTION = 100
CHOOSING = frozenset({QuestionKind.ONE_OF, QuestionKind.MANY_OF})
# With a least and a most: of the number, or of how many options are chosen.
BOUNDED = frozenset({QuestionKind.NUMBER, QuestionKind.MANY_OF})
_YES = "yes"
_BETWEEN = ":"
# Whoever asks for these gets a tick of its own, unless they take it away.
SENSITIVE_BY_ITSELF = frozenset({QuestionKind.ID_NUMBER})


class Step(StrEnum):
    UP = "up"
    DOWN = "down"


def question_kind_name(kind: QuestionKind) -> str:
    names = {
        QuestionKind.TEXT: _("一行文字"),
        QuestionKind.PARAGRAPH: _("一段文字"),
        QuestionKind.NUMBER: _("数字"),
        QuestionKind.DATE: _("日期"),
        QuestionKind.ONE_OF: _("单选"),
        QuestionKind.MANY_OF: _("多选"),
        QuestionKind.PHONE: _("电话号码"),
        QuestionKind.ID_NUMBER: _("身份证号码"),
        QuestionKind.FILE: _("上传文件"),
        QuestionKind.PICTURE: _("上传图片"),
        QuestionKind.AGREEMENT: _("勾选同意"),
    }
    return names[QuestionKind(kind)]


def stage_name(stage: Stage) -> str:
    return {Stage.REGISTRATION: _("报名时"), Stage.DOOR: _("签到时，由工作人员填写")}[Stage(stage)]


def find_question(questions: Sequence[Question], code: str) -> Question | None:
    return next((question for question in questions if question.code == code), None)


def with_added(questions: Sequence[Question], question: Question) -> list[Question]:
    """At the end. Raises Invalid."""
    if len(questions) >= MOST_QUESTIONS:
        raise Invalid({"": _("最多%(most)s个问题。请先删去不需要的。", most=MOST_QUESTIONS)})
    return _checked([*questions, question], question)


def with_changed(questions: Sequence[Question], question: Question) -> list[Question]:
    """In the place of the one that has its code. Raises Invalid."""
    return _checked([question if q.code == question.code else q for q in questions], question)


def without(questions: Sequence[Question], code: str) -> list[Question]:
    """Raises Refused while the condition of another question looks at it."""
    if followers := dependants(questions, code):
        names = listed(_quoted(question.label) for question in followers)
        raise Refused(_("%(names)s要看这个问题的回答才询问。请先修改它的询问条件。", names=names), "needed")
    return [question for question in questions if question.code != code]


def with_moved(questions: Sequence[Question], code: str, step: Step) -> list[Question]:
    """One place further up or down; the same list at its ends. Raises Refused."""
    moved = list(questions)
    here = next(place for place, question in enumerate(moved) if question.code == code)
    there = here + (1 if step == Step.DOWN else -1)
    if not 0 <= there < len(moved):
        return moved
    moved[here], moved[there] = moved[there], moved[here]
    first, second = moved[min(here, there)], moved[max(here, there)]
    if first.only_if and first.only_if.question == second.code:
        raise Refused(
            _(
                "%(first)s要看%(second)s的回答才询问，只能排在它后面。",
                first=_quoted(first.label),
                second=_quoted(second.label),
            ),
            "needed",
        )
    return moved


def dependants(questions: Sequence[Question], code: str) -> list[Question]:
    return [question for question in questions if question.only_if and question.only_if.question == code]


def deciding(questions: Sequence[Question], code: str, stage: Stage) -> list[Question]:
    """The questions on whose answers that one, asked at `stage`, can depend: "" is one at the end."""
    codes = [question.code for question in questions]
    before = questions[: codes.index(code)] if code in codes else questions
    return [
        question
        for question in before
        if (question.kind in CHOOSING or question.kind == QuestionKind.AGREEMENT)
        and not (stage == Stage.REGISTRATION and question.stage == Stage.DOOR)
    ]


def conditions(questions: Sequence[Question]) -> list[tuple[Condition, str]]:
    """All that can be answered to these, with words for it."""
    return [
        (condition, condition_text(questions, condition))
        for question in questions
        for condition in _answers_to(question)
    ]


def condition_text(questions: Sequence[Question], condition: Condition) -> str:
    """“用餐”选“素食”."""
    question = find_question(questions, condition.question)
    if question is None:
        return ""
    if question.kind == QuestionKind.AGREEMENT:
        return _("勾选了“%(question)s”", question=question.label)
    label = next((o.label for o in question.options if o.code == condition.answer), condition.answer)
    return _("“%(question)s”选了“%(answer)s”", question=question.label, answer=label)


def condition_value(condition: Condition | None) -> str:
    """As the form sends it; "" for none."""
    return f"{condition.question}{_BETWEEN}{condition.answer}" if condition else ""


def read_condition(value: str) -> Condition | None:
    question, _colon, answer = value.partition(_BETWEEN)
    return Condition(question, answer) if value else None


def options_from(lines: Sequence[str], old: Sequence[Option], new_code: Callable[[], str]) -> list[Option]:
    """One option a line. The words of an old one keep its code; so does a line whose words alone were changed.

    That is so when as many lines as options stand there: the changed ones are then paired in their order.
    """
    known = {option.label: option.code for option in old}
    fresh = [label for label in lines if label not in known]
    gone = [option.code for option in old if option.label not in lines]
    renamed = (
        dict(zip(fresh, gone, strict=True)) if len(fresh) == len(gone) and len(lines) == len(old) else {}
    )
    return [Option(known.get(label) or renamed.get(label) or new_code(), label) for label in lines]


def _checked(questions: list[Question], changed: Question) -> list[Question]:
    errors = _own_errors(changed)
    same = [q for q in questions if q.code != changed.code and q.label == changed.label]
    if same:
        errors["label"] = _("已有一个同样的问题，换一种问法才分得清。")
    place = questions.index(changed)
    if changed.only_if and not _can_follow(questions[:place], changed):
        errors["condition"] = _("请从列表中选择一个询问条件，或选“总是询问”。")
    for question in dependants(questions, changed.code):
        errors |= _broken_follower(question, changed)
    if errors:
        raise Invalid(errors)
    return questions


def _own_errors(question: Question) -> dict[str, str]:
    errors: dict[str, str] = {}
    labels = [option.label for option in question.options]
    if question.kind in CHOOSING and len(labels) < 2:
        errors["options"] = _("请至少写两个选项，每行一个。")
    elif len(labels) > MOST_OPTIONS:
        errors["options"] = _("最多%(most)s个选项，现在有%(count)s个。", most=MOST_OPTIONS, count=len(labels))
    elif long := [label for label in labels if len(label) > LONGEST_OPTION]:
        errors["options"] = _(
            "选项“%(label)s…”太长了，最多%(most)s个字。", label=long[0][:20], most=LONGEST_OPTION
        )
    elif twice := sorted({label for label in labels if labels.count(label) > 1}):
        errors["options"] = _("选项%(names)s写了两次。", names=listed(map(_quoted, twice)))
    if question.least is not None and question.most is not None and question.least > question.most:
        number = question.kind == QuestionKind.NUMBER
        errors["most"] = _("最大应不小于最小。") if number else _("最多应不小于最少。")
    elif question.kind == QuestionKind.MANY_OF and max(question.least or 0, question.most or 0) > len(labels):
        errors["most"] = _("选项一共只有%(count)s个。", count=len(labels))
    return errors


def _can_follow(before: Sequence[Question], question: Question) -> bool:
    allowed = [c for c, _words in conditions(deciding(before, "", question.stage))]
    return question.only_if in allowed


def _broken_follower(follower: Question, changed: Question) -> dict[str, str]:
    """Why `follower` could not be asked any more."""
    condition = follower.only_if
    if condition and condition not in _answers_to(changed):
        return {
            "options": _(
                "%(name)s要看被删去的选项才询问。请先修改它的询问条件。", name=_quoted(follower.label)
            )
        }
    if changed.stage == Stage.DOOR and follower.stage == Stage.REGISTRATION:
        return {"stage": _("%(name)s在报名时要看它的回答，不能改到签到时。", name=_quoted(follower.label))}
    return {}


def _answers_to(question: Question) -> list[Condition]:
    if question.kind == QuestionKind.AGREEMENT:
        return [Condition(question.code, _YES)]
    return [Condition(question.code, option.code) for option in question.options]


def _quoted(words: str) -> str:
    return _("“%(words)s”", words=words)
