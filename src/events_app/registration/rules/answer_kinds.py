"""How the answer to one question is read, by its kind: clean text, or ValueError with a whole sentence."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from types import MappingProxyType

from events_app.lib import clock, text
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.registration.rules.questions import Option, Question, QuestionKind

LONGEST_LINE = 200
LONGEST_PARAGRAPH = 2_000
YES = "yes"

_NUMBER = re.compile(r"(-?)0*([0-9]{1,12})(?:\.([0-9]{1,4}))?")
_DATE = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
_MOST_NAMED = 8
_BETWEEN = re.compile(r"[、,，;；\n]")
_TICKED = frozenset({YES, "on", "true", "1", "是", "同意"})
_NOT_TICKED = frozenset({"", "no", "false", "0", "否", "不同意"})

# GB 11643-1999: the weights of the first seventeen digits, and the check digit for each remainder by 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def read_one(question: Question, sent: str) -> str:
    """A single answer, or "" for none: all kinds but many_of and the files."""
    value = sent.strip()
    return (
        _READERS[question.kind](question, value) if value or question.kind == QuestionKind.AGREEMENT else ""
    )


def read_many(question: Question, sent: list[str]) -> list[str]:
    """Codes of options in the question's order; words may be given for codes, several in one text."""
    chosen = {_option(question, word) for words in sent for word in _words(question, words)}
    codes = [option.code for option in question.options if option.code in chosen]
    if codes and question.least and len(codes) < question.least:
        raise ValueError(
            _("请至少选择%(least)s项，现在选了%(count)s项。", least=question.least, count=len(codes))
        )
    if question.most and len(codes) > question.most:
        raise ValueError(_("最多选择%(most)s项，现在选了%(count)s项。", most=question.most, count=len(codes)))
    return codes


def id_number(value: str) -> str:
    """A resident identity number with the right check digit (GB 11643-1999); spaces and full width are no matter."""
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", value)).upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise ValueError(_("请填写18位身份证号码，最后一位可以是X。"))
    if not _was_born(number[6:14]):
        raise ValueError(_("请核对身份证号码：第7到14位不是出生日期。"))
    if _CHECK[sum(w * int(n) for w, n in zip(_WEIGHTS, number, strict=False)) % 11] != number[17]:
        raise ValueError(_("请核对身份证号码：最后一位校验码不对，可能有一位填错了。"))
    return number


def _was_born(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= clock.today()


def _number(question: Question, value: str) -> str:
    typed = unicodedata.normalize("NFKC", value).replace("\N{MINUS SIGN}", "-").replace(" ", "")
    match = _NUMBER.fullmatch(typed.removeprefix("+"))
    if not match:
        raise ValueError(_("请只填写数字，如12或12.5。"))
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    number = (sign if fraction or whole != "0" else "") + whole + (f".{fraction}" if fraction else "")
    least, most = question.least, question.most
    if (least is not None and float(number) < least) or (most is not None and float(number) > most):
        raise ValueError(_out_of_bounds(least, most))
    return number


def _out_of_bounds(least: int | None, most: int | None) -> str:
    if least is None:
        return _("请填写不大于%(most)s的数字。", most=most)
    if most is None:
        return _("请填写不小于%(least)s的数字。", least=least)
    return _("请填写%(least)s到%(most)s之间的数字。", least=least, most=most)


def _date(_question: Question, value: str) -> str:
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", value))
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_("请选择日期，如2026-12-05。"))
    if not 1900 <= day.year <= 2100:
        raise ValueError(_("年份应在1900到2100之间。"))
    return day.isoformat()


def _agreement(_question: Question, value: str) -> str:
    word = value.lower()
    if word not in _TICKED and word not in _NOT_TICKED:
        raise ValueError(_("请勾选同意，或留空。"))
    return YES if word in _TICKED else ""


def _option(question: Question, word: str) -> str:
    """The code of the option that has this code or these words."""
    clean = _same(word)
    for option in question.options:
        if word == option.code or clean == _same(option.label):
            return option.code
    if len(question.options) > _MOST_NAMED:
        raise ValueError(_("现在没有这个选项，请重新选择。"))
    names = listed(option.label for option in question.options)
    raise ValueError(_("现在没有这个选项，请从这些当中选择：%(names)s。", names=names))


def _words(question: Question, words: str) -> list[str]:
    """One text may be one option, whatever marks its words have, or several."""
    if any(_is(option, words) for option in question.options):
        return [words]
    return [word for word in map(str.strip, _BETWEEN.split(words)) if word]


def _is(option: Option, words: str) -> bool:
    return words == option.code or _same(words) == _same(option.label)


def _same(words: str) -> str:
    return "".join(unicodedata.normalize("NFKC", words).split()).casefold()


_READERS: MappingProxyType[QuestionKind, Callable[[Question, str], str]] = MappingProxyType(
    {
        QuestionKind.TEXT: lambda _question, value: text.one_line(value, LONGEST_LINE),
        QuestionKind.PARAGRAPH: lambda _question, value: text.paragraphs(value, LONGEST_PARAGRAPH),
        QuestionKind.NUMBER: _number,
        QuestionKind.DATE: _date,
        QuestionKind.ONE_OF: _option,
        QuestionKind.PHONE: lambda _question, value: text.phone_number(value),
        QuestionKind.ID_NUMBER: lambda _question, value: id_number(value),
        QuestionKind.AGREEMENT: _agreement,
    }
)
