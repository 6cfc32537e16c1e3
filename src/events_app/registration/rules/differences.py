"""Two versions of what is asked and agreed to, side by side: what was changed, in words."""

from collections.abc import Iterator, Sequence
from difflib import ndiff

import msgspec

from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.registration.rules.builder import condition_text, question_kind_name, stage_name
from events_app.registration.rules.questions import Condition, Question
from events_app.registration.rules.terms import TermsVersion


def differences(old: TermsVersion, new: TermsVersion) -> list[str]:
    """Whole phrases, in the order of the page; none when both say the same."""
    return [*_questions(old.questions, new.questions), *_words(old, new)]


def says_the_same(one: TermsVersion, other: TermsVersion) -> bool:
    return one == msgspec.structs.replace(other, number=one.number, created_at=one.created_at)


def _questions(old: Sequence[Question], new: Sequence[Question]) -> Iterator[str]:
    before, after = ({question.code: question for question in questions} for questions in (old, new))
    for code, question in before.items():
        if code not in after:
            yield _("删去问题“%(label)s”", label=question.label)
    for code, question in after.items():
        if code in before:
            yield from _question(before[code], question, new)
        else:
            kind = question_kind_name(question.kind)
            yield _("增加问题“%(label)s”（%(kind)s）", label=question.label, kind=kind)
    if [code for code in before if code in after] != [code for code in after if code in before]:
        yield _("问题的顺序变了")


def _question(old: Question, new: Question, questions: Sequence[Question]) -> Iterator[str]:
    label = new.label
    if old.label != label:
        yield _("问题“%(old)s”改为“%(new)s”", old=old.label, new=label)
    if old.required != new.required:
        yield _("“%(label)s”改为必填", label=label) if new.required else _("“%(label)s”改为选填", label=label)
    if old.help != new.help:
        yield _("“%(label)s”的说明改为“%(new)s”", label=label, new=new.help)
    yield from _options(old, new)
    if (old.least, old.most) != (new.least, new.most):
        yield _("“%(label)s”的范围变了", label=label)
    if old.stage != new.stage:
        yield _("“%(label)s”改为%(stage)s询问", label=label, stage=stage_name(new.stage))
    if old.only_if != new.only_if:
        yield _condition(label, new.only_if, questions)
    if old.purpose != new.purpose:
        yield _("“%(label)s”的用途改为“%(new)s”", label=label, new=new.purpose)
    if old.keep_days != new.keep_days:
        yield _("“%(label)s”的保存期限变了", label=label)
    if old.sensitive != new.sensitive:
        yield (
            _("“%(label)s”改为敏感信息", label=label)
            if new.sensitive
            else _("“%(label)s”不再作为敏感信息", label=label)
        )


def _options(old: Question, new: Question) -> Iterator[str]:
    before, after = ({option.code: option.label for option in q.options} for q in (old, new))
    gone = [label for code, label in before.items() if code not in after]
    come = [label for code, label in after.items() if code not in before]
    if come:
        yield _("“%(label)s”增加选项：%(names)s", label=new.label, names=listed(come))
    if gone:
        yield _("“%(label)s”删去选项：%(names)s", label=new.label, names=listed(gone))
    for code, label in after.items():
        if before.get(code, label) != label:
            yield _("“%(label)s”的选项“%(old)s”改为“%(new)s”", label=new.label, old=before[code], new=label)
    if not come and not gone and list(before) != list(after):
        yield _("“%(label)s”的选项换了顺序", label=new.label)


def _condition(label: str, condition: Condition | None, questions: Sequence[Question]) -> str:
    if condition is None:
        return _("“%(label)s”改为总是询问", label=label)
    words = condition_text(questions, condition)
    return _("“%(label)s”只在%(condition)s时询问", label=label, condition=words)


def _words(old: TermsVersion, new: TermsVersion) -> Iterator[str]:
    for name, before, after in (
        (_("收集目的"), old.purpose, new.purpose),
        (_("还会提供给谁"), old.recipients, new.recipients),
    ):
        if before != after:
            blank = _("（空）")
            yield _("%(name)s由“%(old)s”改为“%(new)s”", name=name, old=before or blank, new=after or blank)
    if old.keep_days != new.keep_days:
        yield _("活动结束后保存%(old)s天，改为%(new)s天", old=old.keep_days, new=new.keep_days)
    for line in ndiff(old.text.splitlines(), new.text.splitlines()):
        if line.startswith("+ ") and line[2:].strip():
            yield _("告知正文增加“%(line)s”", line=line[2:])
        elif line.startswith("- ") and line[2:].strip():
            yield _("告知正文删去“%(line)s”", line=line[2:])
