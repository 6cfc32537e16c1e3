"""A table of people: which column holds what, and what each row says."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec

from events_app.lib import text
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed
from events_app.programmes.rules.headers import EXAMPLE
from events_app.programmes.tables import Kind
from events_app.registration.rules import answers
from events_app.registration.rules.admission import age_error
from events_app.registration.rules.consent import consent_errors, needs_birth_year, needs_guardian
from events_app.registration.rules.questions import Answers, Question, Stage
from events_app.registration.rules.terms import TermsVersion

# As typed, "" for nothing: FIELDS, `line`, and a question's answer under its field's name.
Row: TypeAlias = dict[str, str]
FIELDS = ("name", "phone", "birth_year", "guardian_name", "guardian_phone")
MOST_ROWS = 20_000
MOST_COLUMNS = 99
LONGEST_CELL = 2_000

_HEADER_WITHIN = 30  # lines
_NOT_IN_A_NAME = re.compile(r"\(.*?\)|[\W_]")
_LATIN = re.compile(r"[a-z]+")
_SUM = re.compile(r"(合计|总计|小计|共计|grand ?total|sub-?total|total)[:：]?.*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
_YEAR = re.compile(
    r"((?:19|20)\d\d)(?:年|[-/.]\d{1,2}(?:[-/.]\d{1,2})?|年\d{1,2}月(?:\d{1,2}日)?|\d{4})?(?:\.0+)?"
)
_NAMES = {
    "name": "姓名 名字 姓名或代号 学生姓名 学员姓名 员工姓名 职工姓名 参与者 参加人 参加人员 人员 代号 化名 别名 "
    "name fullname nameoralias alias participant student employee",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 手机电话 本人电话 "
    "phone phonenumber mobile mobilephone mobilenumber cell telephone tel",
    "birth_year": "出生年份 出生年 出生年月 出生日期 出生年月日 生日 "
    "birthyear yearofbirth dateofbirth birthdate birthday dob",
    "guardian_name": "监护人 监护人姓名 家长 家长姓名 guardian guardianname guardiansname parent parentname",
    "guardian_phone": "监护人手机 监护人手机号 监护人手机号码 监护人电话 监护人联系电话 "
    "家长手机 家长手机号 家长手机号码 家长电话 家长联系电话 "
    "guardianphone guardiansphone guardianmobile parentphone parentmobile",
}
_FIELD_NAMED = {name: field for field, names in _NAMES.items() for name in names.split()}


class Entry(msgspec.Struct, frozen=True):
    """Somebody on a list, as a row says it; as Given it carries the leader's word that everybody agreed."""

    name: str
    phone: str
    birth_year: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    answers: Answers = {}
    guardian_consent: bool = True
    sensitive_consent: bool = True
    terms: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.phone


class Asking(msgspec.Struct, frozen=True):
    """What has to be known of everybody. Who has no phone is reached by the leader's."""

    terms: TermsVersion
    kind: Kind
    minimum_age: int | None
    asks_birth_year: bool
    starts_at: datetime
    leader_phone: str
    year: int
    eligible_only: bool = False
    unit_quota: int | None = None
    group_most: int = 1

    @property
    def questions(self) -> list[Question]:
        """Those that a table can answer: files are added by everybody on their own ticket's page."""
        asked = answers.asked_at(self.terms.questions, Stage.REGISTRATION)
        return [question for question in asked if question.kind not in answers.FILES]

    @property
    def ages(self) -> bool:
        return needs_birth_year(self)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the cells that a row has here."""
        personal = FIELDS if self.ages else FIELDS[:2]
        return (*personal, *(answers.field_name(question.code) for question in self.questions))


def rows_of(
    table: Sequence[Sequence[str]], questions: Sequence[Question], hidden: Sequence[int] = ()
) -> tuple[list[Row], list[str]]:
    """The people below the header, each with its `line`, and what has to be said of the table; raises Refused."""
    begin, columns, header = _header(table, questions)
    rows = []
    for line, cells in enumerate(table[begin:], begin + 1):
        row = {field: cells[n][:LONGEST_CELL] for field, n in columns.items() if n < len(cells)}
        if any(row.values()) and not _is_example(row) and not _is_sum(row) and list(cells) != list(header):
            rows.append(
                {field: cell.replace("\0", "\ufffd") for field, cell in row.items()} | {"line": str(line)}
            )
    ignored = [name for n, name in enumerate(header) if name and n not in columns.values()]
    return rows, _remarks(ignored, [row["line"] for row in rows if int(row["line"]) in hidden])


def read_row(row: Row, asking: Asking) -> tuple[Entry | None, dict[str, str]]:
    """What it says, or what is wrong with it by field."""
    errors: dict[str, str] = {}

    def read(field: str, reader: object) -> str:
        try:
            return str(reader(row.get(field, "").strip()))  # type: ignore[operator]
        except ValueError as error:
            errors[field] = str(error)
            return ""

    name = read("name", _name)
    phone = read("phone", lambda value: _phone(value, asking.leader_phone))
    born = read("birth_year", _birth_year) if asking.ages else ""
    year = int(born) if born else None
    guarded = needs_guardian(year, asking.year)
    guardian_name = read("guardian_name", lambda value: text.person_name(value, 50)) if guarded else ""
    guardian_phone = (
        read("guardian_phone", lambda value: _phone(value, "") if value else "") if guarded else ""
    )
    given, wrong = _answers(row, asking.questions)
    entry = Entry(name, phone, year, guardian_name, guardian_phone, given)
    agreed = consent_errors(asking, asking.terms, entry, asking.year)
    if old_enough := age_error(asking, year):
        agreed.setdefault("birth_year", old_enough)
    errors = wrong | agreed | errors
    return (None, errors) if errors else (entry, {})


def _name(value: str) -> str:
    name = text.person_name(value, 50)
    if not name:
        raise ValueError(_("请填写姓名；未成年人可以写代号，如“初二3班07号”。"))
    return name


def _phone(value: str, leaders: str) -> str:
    """A number that Excel turned into 1.39E+10 is whole only where all its digits are still there."""
    plain = unicodedata.normalize("NFKC", value).replace(" ", "")
    if not plain:
        if leaders:
            return leaders
        raise ValueError(_("请填写手机号码。没有手机的，先在名单页登记领队的手机，再把这一格留空。"))
    if _SCIENTIFIC.fullmatch(plain):
        digits = len(re.sub(r"[eE].*|\D", "", plain))
        if digits < 10:
            raise ValueError(
                _(
                    "这个号码被表格写成了%(typed)s，后几位已经丢失。请把这一列设为文本，重新填写。",
                    typed=value[:20],
                )
            )
        plain = str(int(Decimal(plain)))
    return text.phone_number(plain.removesuffix(".0"))


def _birth_year(value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).replace(" ", "")
    if not plain:
        return ""
    found = _YEAR.fullmatch(plain)
    if found is None:
        raise ValueError(_("请填写出生年份，如1990。"))
    return found[1]


def _answers(row: Mapping[str, str], questions: Sequence[Question]) -> tuple[Answers, dict[str, str]]:
    sent = {question.code: row.get(answers.field_name(question.code), "") for question in questions}
    try:
        return answers.read(questions, sent), {}
    except Invalid as invalid:
        return {}, invalid.errors


def _header(
    table: Sequence[Sequence[str]], questions: Sequence[Question]
) -> tuple[int, dict[str, int], Sequence[str]]:
    """How many lines there are up to the first row, the columns by field, and the header's cells."""
    asked = {_plain(question.label): answers.field_name(question.code) for question in questions}
    for line, cells in enumerate(table[:_HEADER_WITHIN], 1):
        columns = _columns(cells, asked)
        if "name" in columns:
            if len(cells) > MOST_COLUMNS:
                raise Refused(
                    _("这张表有%(count)s列或更多，太多了。请只留下模板里的列。", count=len(cells)),
                    "too_many_columns",
                )
            return line, columns, cells
    if guessed := _headless(table):
        return guessed[0], guessed[1], ()
    raise Refused(
        _("没有找到表头。请在第一行写上“姓名、手机号码”，顺序不限，或者下载模板来填。"), "no_header"
    )


def _headless(table: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    """People are pasted without a header where the first line holds a phone: beside it stands the name."""
    first = next((n for n, cells in enumerate(table) if any(cells)), None)
    if first is None:
        return None
    cells = table[first]
    phones = [n for n, cell in enumerate(cells) if _is_phone(cell)]
    names = [n for n, cell in enumerate(cells) if cell and n not in phones and not cell.isascii()]
    return (first, {"name": names[0], "phone": phones[0]}) if phones and names else None


def _is_phone(cell: str) -> bool:
    try:
        return bool(_phone(cell, "")) and len(cell) < 30
    except ValueError:
        return False


def _columns(header: Sequence[str], asked: Mapping[str, str]) -> dict[str, int]:
    """By field, the first column that is called so; a question's own wording comes before the names we know."""
    columns: dict[str, int] = {}
    for number, name in enumerate(header):
        plain = _plain(name)
        if field := asked.get(plain) or _FIELD_NAMED.get(plain) or _named_twice(plain):
            columns.setdefault(field, number)
    return columns


def _named_twice(plain: str) -> str | None:
    """In Chinese and in English, like “姓名 Name”: the field, where both are the same."""
    field = _FIELD_NAMED.get(_LATIN.sub("", plain))
    return field if field == _FIELD_NAMED.get("".join(_LATIN.findall(plain))) else None


def _plain(name: str) -> str:
    return _NOT_IN_A_NAME.sub("", unicodedata.normalize("NFKC", name[:200]).lower())


def _is_example(row: Row) -> bool:
    return any(cell.startswith((EXAMPLE, "(例)")) for cell in row.values())


def _is_sum(row: Row) -> bool:
    return bool(_SUM.fullmatch(re.sub(r"\s", "", row.get("name", "")[:20]))) and not _is_phone(
        row.get("phone", "")
    )


def _remarks(ignored: Sequence[str], hidden: Sequence[str]) -> list[str]:
    remarks = []
    if ignored:
        named = listed(dict.fromkeys(name[:20] for name in ignored[:20]))
        remarks.append(_("没有用到这些列：%(names)s。", names=named))
    if hidden:
        lines = listed(hidden[:20]) + ("…" if len(hidden) > 20 else "")
        remarks.append(_("文件里隐藏的行也读进来了：第%(lines)s行。不要的请删去。", lines=lines))
    return remarks
