"""How answers are read: every kind of question, conditions, and all that people get wrong."""

from collections.abc import Mapping

import pytest

from events_app.lib import clock
from events_app.lib.errors import Invalid
from events_app.registration.actions.answers import answer_by_script
from events_app.registration.rules.answers import answer_text, is_asked, merged, read, worded
from events_app.registration.rules.questions import Answers, Condition, Option, Question, QuestionKind, Stage
from events_app.registration.rules.terms import TermsVersion

MEALS = [Option("meat", "荤食"), Option("veg", "素食、清真"), Option("none", "不用餐")]


def ask(kind: QuestionKind, code: str = "a", **more: object) -> Question:
    return Question(code, kind, "问题", **more)  # type: ignore[arg-type]


def read_one(question: Question, *sent: str) -> object:
    return read([question], {"a": list(sent)}).get("a")


def refusal(question: Question, *sent: str) -> str:
    with pytest.raises(Invalid) as refused:
        read([question], {"a": list(sent)})
    assert list(refused.value.errors) == ["q-a"]
    return refused.value.errors["q-a"]


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  昆明  市 ", "昆明 市"),
        ("paragraph", "一\r\n二\n", "一\n二"),
        ("number", "12", "12"),
        ("number", "１２．５０", "12.5"),
        ("number", "-007", "-7"),
        ("number", "−0", "0"),
        ("number", "0.10", "0.1"),
        ("number", "100", "100"),
        ("date", "2026-12-05", "2026-12-05"),
        ("date", "２０２６年１２月５日", "2026-12-05"),
        ("date", "1966/1/5", "1966-01-05"),
        ("phone", "１３９ ０８７１－１２３４", "13908711234"),
        ("phone", "0871-63112233", "087163112233"),
        ("id_number", "11010519491231002x", "11010519491231002X"),
        ("id_number", "１１０１０５ １９４９１２３１ ００２Ｘ", "11010519491231002X"),
        ("agreement", "yes", "yes"),
        ("agreement", "on", "yes"),
    ],
)
def test_answer_is_kept_clean(kind: str, typed: str, kept: str) -> None:
    assert read_one(ask(QuestionKind(kind)), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("text", "长" * 201, "太长了"),
        ("text", "a\x00b", "控制字符"),
        ("paragraph", "长" * 2001, "太长了"),
        ("number", "1.39E+10", "请只填写数字"),
        ("number", "十二", "请只填写数字"),
        ("number", "1" * 13, "请只填写数字"),
        ("number", "NaN", "请只填写数字"),
        ("date", "2026-02-30", "请选择日期"),
        ("date", "明天", "请选择日期"),
        ("date", "1066-10-14", "年份应在1900到2100之间"),
        ("phone", "1.39E+10", "11位手机号码"),
        ("phone", "1390871123", "11位手机号码"),
        ("id_number", "110105194912310021", "校验码不对"),
        ("id_number", "110105194913310027", "不是出生日期"),
        ("id_number", "110105299912310025", "不是出生日期"),
        ("id_number", "110105491231002", "18位"),
        ("agreement", "perhaps", "请勾选同意"),
    ],
)
def test_wrong_answer_is_told_in_a_sentence(kind: str, typed: str, sentence: str) -> None:
    assert sentence in refusal(ask(QuestionKind(kind)), typed)


@pytest.mark.parametrize("wrong", range(18))
def test_one_wrong_digit_of_an_id_number_is_noticed(wrong: int) -> None:
    number = "11010519491231002X"
    digit = "1" if number[wrong] != "1" else "2"

    assert read_one(ask(QuestionKind.ID_NUMBER), number) == number
    assert refusal(ask(QuestionKind.ID_NUMBER), number[:wrong] + digit + number[wrong + 1 :])


def test_number_stays_within_its_bounds() -> None:
    age = ask(QuestionKind.NUMBER, least=18, most=60)

    assert [read_one(age, "18"), read_one(age, "60")] == ["18", "60"]
    assert refusal(age, "17") == refusal(age, "60.1") == "请填写18到60之间的数字。"
    assert refusal(ask(QuestionKind.NUMBER, least=0), "-1") == "请填写不小于0的数字。"
    assert refusal(ask(QuestionKind.NUMBER, most=9), "10") == "请填写不大于9的数字。"


def test_option_goes_by_its_code_or_its_words() -> None:
    meal = ask(QuestionKind.ONE_OF, options=MEALS)

    assert [read_one(meal, "veg"), read_one(meal, "素食、清真"), read_one(meal, "荤 食")] == [
        "veg",
        "veg",
        "meat",
    ]


def test_option_that_was_removed_is_to_be_chosen_again() -> None:
    assert "现在没有这个选项" in refusal(ask(QuestionKind.ONE_OF, options=MEALS[1:]), "meat")
    assert "现在没有这个选项" in refusal(ask(QuestionKind.MANY_OF, options=MEALS[1:]), "none", "meat")


def test_several_options_keep_the_questions_order() -> None:
    meals = ask(QuestionKind.MANY_OF, options=MEALS)

    assert read_one(meals, "none", "meat", "none") == ["meat", "none"]
    assert read_one(meals, "不用餐;荤食") == ["meat", "none"]
    assert read_one(meals, "素食、清真") == ["veg"]


def test_no_more_options_than_allowed() -> None:
    meals = ask(QuestionKind.MANY_OF, options=MEALS, least=2, most=2)

    assert refusal(meals, "meat") == "请至少选择2项，现在选了1项。"
    assert refusal(meals, "meat", "veg", "none") == "最多选择2项，现在选了3项。"
    assert read_one(meals) is None


@pytest.mark.parametrize("kind", QuestionKind)
def test_required_question_wants_an_answer_and_another_takes_none(kind: QuestionKind) -> None:
    options = MEALS if kind in (QuestionKind.ONE_OF, QuestionKind.MANY_OF) else []

    assert read([ask(kind, options=options)], {}) == {}
    assert read([ask(kind, options=options)], {"a": [""]}) == {}
    assert refusal(ask(kind, options=options, required=True)).endswith("。")


def test_all_mistakes_are_told_at_once() -> None:
    asked = [
        ask(QuestionKind.TEXT, "one", required=True),
        ask(QuestionKind.PHONE, "two"),
        ask(QuestionKind.NUMBER, "three"),
    ]

    with pytest.raises(Invalid) as refused:
        read(asked, {"two": "12", "three": "x", "ghost": "y"})

    assert set(refused.value.errors) == {"q-one", "q-two", "q-three", "q-ghost"}


def test_file_has_to_be_one_that_was_kept() -> None:
    paper = ask(QuestionKind.FILE)

    assert read([paper], {"a": "CODE"}, files=["CODE"]) == {"a": "CODE"}
    with pytest.raises(Invalid):
        read([paper], {"a": "SOMEBODY-ELSES"}, files=["CODE"])


COMES = ask(QuestionKind.ONE_OF, "bus", options=[Option("y", "坐班车"), Option("n", "自己来")])
STOP = ask(QuestionKind.TEXT, "stop", required=True, only_if=Condition("bus", "y"))
SEAT = ask(QuestionKind.AGREEMENT, "child", only_if=Condition("stop", "北门"))
CHILD = ask(QuestionKind.NUMBER, "age", required=True, only_if=Condition("child", "yes"))


def test_question_is_asked_only_where_its_condition_holds() -> None:
    asked = [COMES, STOP, SEAT, CHILD]

    assert read(asked, {"bus": "n", "stop": "北门", "child": "yes", "age": "5"}) == {"bus": "n"}
    assert read(asked, {"bus": "y", "stop": "北门", "child": "yes", "age": "5"}) == {
        "bus": "y",
        "stop": "北门",
        "child": "yes",
        "age": "5",
    }
    with pytest.raises(Invalid) as refused:
        read(asked, {"bus": "y", "stop": "北门", "child": "yes"})
    assert list(refused.value.errors) == ["q-age"]


def test_condition_looks_into_several_options() -> None:
    many = ask(QuestionKind.TEXT, "b", only_if=Condition("a", "veg"))

    assert [is_asked(many, {"a": ["meat", "veg"]}), is_asked(many, {"a": ["meat"]})] == [True, False]


def test_door_asks_later_and_may_look_at_what_was_answered_before() -> None:
    shoes = ask(QuestionKind.NUMBER, "shoes", required=True, stage=Stage.DOOR, only_if=Condition("bus", "y"))
    asked = [COMES, shoes]

    assert read(asked, {"bus": "y"}) == {"bus": "y"}
    with pytest.raises(Invalid):
        read(asked, {}, stage=Stage.DOOR, given={"bus": "y"})
    assert read(asked, {}, stage=Stage.DOOR, given={"bus": "n"}) == {}
    assert read(asked, {"shoes": "42"}, stage=Stage.DOOR, given={"bus": "y"}) == {"shoes": "42"}
    assert merged(asked, {"bus": "y", "gone": "x"}, {"shoes": "42"}, Stage.DOOR) == {
        "bus": "y",
        "shoes": "42",
    }


def test_answers_are_shown_in_the_words_of_their_version() -> None:
    meals = ask(QuestionKind.MANY_OF, "meal", options=MEALS)
    paper = ask(QuestionKind.FILE, "paper")

    shown = worded([meals, paper], {"meal": ["meat", "none"], "paper": "CODE"}, {"CODE": "证明.pdf"})

    assert [(answer.text, answer.file) for answer in shown] == [("荤食、不用餐", ""), ("证明.pdf", "CODE")]
    assert answer_text(ask(QuestionKind.AGREEMENT), "yes") == "同意"
    assert worded([paper], {"paper": "CODE"}, {})[0].file == ""


def script(questions: list[Question], sent: Mapping[str, str | list[str]]) -> tuple[Answers, dict[str, str]]:
    return answer_by_script(TermsVersion(1, 3, questions, "", "", "", 180, clock.now()), sent)


def test_script_answers_by_code_or_by_words() -> None:
    bus = Question("bus", QuestionKind.ONE_OF, "怎么来", options=COMES.options)
    meals = Question("meal", QuestionKind.MANY_OF, "用餐", options=MEALS)

    answered = script([bus, meals], {"怎么来": "坐班车", "meal": ["veg", "荤食"]})

    assert answered == ({"bus": "y", "meal": ["meat", "veg"]}, {})


def test_script_is_told_what_is_wrong_by_the_names_it_used() -> None:
    paper = Question("paper", QuestionKind.FILE, "证明")

    _answers, errors = script([COMES, STOP, paper], {"bus": "y", "ghost": "x", "paper": "CODE"})

    assert set(errors) == {"answers.stop", "answers.ghost", "answers.paper"}
