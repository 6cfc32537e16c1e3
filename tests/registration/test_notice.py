"""The notice is written from what is asked; each version is kept with how many agreed to it."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.people import Union, let_in, make_terms, make_union, register

from events_app.lib.text import markdown
from events_app.registration.actions.terms import latest_terms
from events_app.registration.queries.terms import add_terms
from events_app.registration.rules.differences import differences
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind, Stage
from events_app.registration.rules.terms import TermsVersion, notice

K = QuestionKind
MEAL = Question("meal", K.ONE_OF, "用餐", options=[Option("meat", "荤"), Option("veg", "素")])
SIZE = Question("size", K.NUMBER, "衣服尺码")
AT = datetime(2026, 12, 1, tzinfo=UTC)


def version(*questions: Question, **columns: Any) -> TermsVersion:
    given: dict[str, Any] = {"purpose": "", "recipients": "", "text": "", "keep_days": 180}
    return TermsVersion(activity=1, number=1, questions=list(questions), created_at=AT, **given | columns)


# The generated text


def test_notice_says_which_fields_why_who_and_how_long() -> None:
    allergy = Question(
        "allergy", K.TEXT, "忌口", required=True, purpose="安排用餐", sensitive=True, keep_days=7
    )
    badge = Question("badge", K.TEXT, "胸牌号", stage=Stage.DOOR)
    terms = version(
        allergy, badge, purpose="宣讲活动。", recipients="承办学校", text="联系人：王老师", keep_days=90
    )

    text = notice(terms, holder="云南省总工会", birth_year=True)

    assert text.split("\n") == [
        "云南省总工会收集下列信息，用于宣讲活动：",
        "",
        "- **姓名、手机号码、所在单位**：报名、签到和统计，有变化时通知您",
        "- **出生年份**，未满14周岁的还有**监护人的姓名和电话**：核对年龄，取得监护人同意",
        "- **忌口**（敏感个人信息、活动结束后保存7天）：安排用餐",
        "- **胸牌号**（选填、签到时填写）：组织本次活动",
        "",
        "**谁能看到**：主办单位的工作人员和签到人员，以及承办学校。不提供给其他人。",
        "",
        "**保存多久**：活动结束后90天删除，只留下不含个人信息的人数统计。",
        "",
        "**您可以**：在报名用的手机上取消报名，查看、下载或删除您的信息；也可以联系主办单位。",
        "",
        "联系人：王老师",
    ]


def test_words_of_a_question_are_no_markup() -> None:
    html = markdown(notice(version(Question("q", K.TEXT, "*多*少 <b>[x](http://x)"), purpose="_a_")))

    assert "*多*少 &lt;b&gt;[x](http://x)" in html
    assert "<a " not in html
    assert "_a_" in html


# What changed, in words


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (version(MEAL), version(MEAL), []),
        (version(), version(MEAL), ["增加问题“用餐”（单选）"]),
        (version(MEAL), version(), ["删去问题“用餐”"]),
        (version(MEAL, SIZE), version(SIZE, MEAL), ["问题的顺序变了"]),
        (version(keep_days=180), version(keep_days=30), ["活动结束后保存180天，改为30天"]),
        (version(purpose="甲"), version(purpose=""), ["收集目的由“甲”改为“（空）”"]),
        (version(recipients=""), version(recipients="乙"), ["还会提供给谁由“（空）”改为“乙”"]),
        (version(text="一\n二"), version(text="一\n三"), ["告知正文删去“二”", "告知正文增加“三”"]),
    ],
)
def test_changes_are_told_in_words(old: TermsVersion, new: TermsVersion, sentences: list[str]) -> None:
    assert differences(old, new) == sentences


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"label": "午餐"}, "问题“用餐”改为“午餐”"),
        ({"required": True}, "“用餐”改为必填"),
        ({"help": "任选"}, "“用餐”的说明改为“任选”"),
        ({"options": [*MEAL.options, Option("x", "面")]}, "“用餐”增加选项：面"),
        ({"options": MEAL.options[:1]}, "“用餐”删去选项：素"),
        ({"options": [Option("meat", "肉"), MEAL.options[1]]}, "“用餐”的选项“荤”改为“肉”"),
        ({"options": MEAL.options[::-1]}, "“用餐”的选项换了顺序"),
        ({"stage": Stage.DOOR}, "“用餐”改为签到时，由工作人员填写询问"),
        ({"only_if": Condition("size", "1")}, "“用餐”只在“衣服尺码”选了“1”时询问"),
        ({"purpose": "订餐"}, "“用餐”的用途改为“订餐”"),
        ({"keep_days": 3}, "“用餐”的保存期限变了"),
        ({"sensitive": True}, "“用餐”改为敏感信息"),
        ({"most": 2}, "“用餐”的范围变了"),
    ],
)
def test_every_change_of_a_question_is_told(changes: dict[str, Any], sentence: str) -> None:
    given = {name: getattr(MEAL, name) for name in MEAL.__struct_fields__}
    after = Question(**given | changes)

    assert differences(version(SIZE, MEAL), version(SIZE, after)) == [sentence]


# The page


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def address(union: Union, rest: str = "") -> str:
    return f"/manage/activities/{union.activity.code}/notice{rest}"


async def test_notice_is_saved_as_a_new_version_and_shown_to_participants(
    wang: httpx.AsyncClient, union: Union
) -> None:
    form = {
        "purpose": "校园宣讲",
        "recipients": "承办学校",
        "keep_days": "60",
        "text": "电话63112233",
        "base": "1",
    }
    await make_terms(union.activity, [SIZE])

    answer = await wang.post(address(union), data=form)

    terms = await latest_terms(union.activity.id)
    assert answer.status_code == 303
    assert (terms.number, terms.questions, terms.keep_days) == (2, [SIZE], 60)
    session = (await wang.get(f"/s/{union.session.code}")).text
    shown = ("用于校园宣讲", "以及承办学校", "60天", "电话63112233", "衣服尺码")
    assert [words for words in shown if words not in session] == []


async def test_notice_that_cannot_be_kept_comes_back_as_typed(wang: httpx.AsyncClient, union: Union) -> None:
    answer = await wang.post(address(union), data={"purpose": "宣讲", "keep_days": "很久", "base": "1"})

    assert answer.status_code == 422
    assert 'value="宣讲"' in answer.text
    assert "请填写0到3650之间的整数。" in answer.text


async def test_history_says_who_agreed_to_what(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [SIZE])
    await register(union.session, "赵敏")
    await register(union.session, "钱多")
    await make_terms(union.activity, [SIZE, MEAL])

    page = (await wang.get(address(union))).text

    assert "2人按这一版报名" in page
    assert "0人按这一版报名" in page
    assert "增加问题“用餐”（单选）" in page


async def test_old_versions_that_nobody_agreed_to_are_not_listed_for_ever(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [SIZE])
    await register(union.session)
    for days in range(1, 15):
        await make_terms(union.activity, keep_days=days)

    page = (await wang.get(address(union))).text

    assert page.count("<b>第") == 11
    assert "<b>第1版</b>" in page
    assert "<b>第5版</b>" not in page


async def test_old_version_is_brought_back_as_a_new_one(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [SIZE], purpose="甲")
    await make_terms(union.activity, [], purpose="乙")

    answer = await wang.post(address(union, "/versions/1/restoration"), data={"base": "2"})

    terms = await latest_terms(union.activity.id)
    assert answer.status_code == 303
    assert (terms.number, terms.questions, terms.purpose) == (3, [SIZE], "甲")


async def test_who_saves_the_notice_second_is_told_what_changed(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity)
    await wang.post(address(union), data={"purpose": "甲", "keep_days": "180", "base": "1"})

    late = await wang.post(address(union), data={"purpose": "乙", "keep_days": "180", "base": "1"})
    old = await wang.post(address(union), data={"purpose": "乙", "keep_days": "180", "base": "999999999"})

    assert (late.status_code, old.status_code) == (409, 409)
    assert "收集目的由“（空）”改为“甲”" in late.text
    assert 'value="乙"' in late.text
    assert (await latest_terms(union.activity.id)).purpose == "甲"


async def test_two_at_once_get_one_number(db: object, union: Union) -> None:
    terms = await make_terms(union.activity)

    assert not await add_terms(terms, None)
    assert (await latest_terms(union.activity.id)).number == terms.number


@pytest.mark.parametrize(("kind", "told"), [("visit", False), ("health", True)])
async def test_organiser_reads_that_a_tick_of_its_own_is_needed(
    wang: httpx.AsyncClient, union: Union, kind: str, told: bool
) -> None:
    await union.activity.update_self({"kind": kind})

    page = (await wang.get(address(union))).text

    assert ("报名时要另外勾选同意" in page) == told
