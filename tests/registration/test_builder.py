"""An organiser lays out the questions of an activity and the notice: step by step, each step a version of its own."""

import re
from typing import Any

import httpx
import pytest
from tests.people import Union, let_in, make_account, make_organization, make_terms, make_union, register

from events_app.accounts.tables import AuditEntry, Role
from events_app.programmes.tables import Activity
from events_app.registration.actions.terms import latest_terms
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind, Stage
from events_app.registration.tables import Terms

MEAL = Question("meal", QuestionKind.ONE_OF, "用餐", options=[Option("meat", "荤"), Option("veg", "素")])
ALLERGY = Question("allergy", QuestionKind.TEXT, "忌口", only_if=Condition("meal", "veg"))
SIZE = Question("size", QuestionKind.NUMBER, "衣服尺码")


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(client: httpx.AsyncClient, union: Union) -> httpx.AsyncClient:
    await let_in(client, union.wang)
    return client


def address(union: Union, rest: str = "") -> str:
    return f"/manage/activities/{union.activity.code}/questions{rest}"


def typed(**changes: Any) -> dict[str, Any]:
    return {"kind": "text", "label": "单位电话", "stage": "registration", "base": "1"} | changes


async def questions(union: Union) -> list[Question]:
    return (await latest_terms(union.activity.id)).questions


async def labels(union: Union) -> list[str]:
    return [question.label for question in await questions(union)]


async def test_question_is_added_at_the_end_as_a_new_version(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL])

    form = typed(
        kind="many_of", label="带什么", help="可多选", options=" 水杯 \n\n雨伞\n", most="2", required="yes",
        purpose="准备物品", keep_days="7", sensitive="yes", condition="meal:veg",
    )  # fmt: skip
    answer = await wang.post(address(union), data=form)

    terms = await latest_terms(union.activity.id)
    added = terms.questions[-1]
    assert (answer.status_code, terms.number) == (303, 2)
    assert answer.headers["location"] == address(union, f"?done=added#question-{added.code}")
    assert [option.label for option in added.options] == ["水杯", "雨伞"]
    assert added == Question(
        added.code, QuestionKind.MANY_OF, "带什么", "可多选", True, added.options, Stage.REGISTRATION,
        Condition("meal", "veg"), "准备物品", 7, True, None, 2,
    )  # fmt: skip
    assert "带什么" in (await wang.get(address(union))).text


async def test_question_keeps_its_code_and_kind_when_it_is_changed(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [MEAL, SIZE])

    answer = await wang.post(
        address(union, "/size"), data=typed(kind="text", label="鞋码", least="30", most="50")
    )

    assert answer.status_code == 303
    assert (await questions(union))[1] == Question("size", QuestionKind.NUMBER, "鞋码", least=30, most=50)


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        ("荤\n素", [("meat", "荤"), ("veg", "素")]),
        ("荤菜\n素", [("meat", "荤菜"), ("veg", "素")]),
        ("素\n荤", [("veg", "素"), ("meat", "荤")]),
        ("荤\n素\n清真", [("meat", "荤"), ("veg", "素"), (None, "清真")]),
        ("清真\n素", [("meat", "清真"), ("veg", "素")]),
        ("清真\n素\n面", [(None, "清真"), ("veg", "素"), (None, "面")]),
    ],
)
async def test_options_keep_their_codes(
    wang: httpx.AsyncClient, union: Union, lines: str, options: list[tuple[str | None, str]]
) -> None:
    await make_terms(union.activity, [MEAL])

    await wang.post(address(union, "/meal"), data=typed(label="用餐", options=lines))

    found = [
        (o.code if o.code in ("meat", "veg") else None, o.label) for o in (await questions(union))[0].options
    ]
    assert found == options


async def test_questions_are_moved_and_removed_by_buttons(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL, SIZE])

    moved = await wang.post(address(union, "/size/moves"), data={"step": "up", "base": "1"})
    after_moving = await labels(union)
    removed = await wang.post(address(union, "/meal/removal"), data={"base": "2"})

    assert (moved.status_code, removed.status_code) == (303, 303)
    assert after_moving == ["衣服尺码", "用餐"]
    assert await labels(union) == ["衣服尺码"]


async def test_top_question_stays_on_top_and_makes_no_version(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL, SIZE])

    answer = await wang.post(address(union, "/meal/moves"), data={"step": "up", "base": "1"})

    assert answer.status_code == 303
    assert (await latest_terms(union.activity.id)).number == 1


@pytest.mark.parametrize(
    ("path", "form", "sentence"),
    [
        ("/meal/removal", {}, "“忌口”要看这个问题的回答才询问。"),
        ("/allergy/moves", {"step": "up"}, "“忌口”要看“用餐”的回答才询问，只能排在它后面。"),
        ("/meal/moves", {"step": "down"}, "“忌口”要看“用餐”的回答才询问，只能排在它后面。"),
    ],
)
async def test_question_that_decides_stays_before_the_one_that_depends_on_it(
    wang: httpx.AsyncClient, union: Union, path: str, form: dict[str, str], sentence: str
) -> None:
    await make_terms(union.activity, [MEAL, ALLERGY])

    answer = await wang.post(address(union, path), data={"base": "1"} | form)

    assert answer.status_code == 409
    assert sentence in answer.text
    assert await labels(union) == ["用餐", "忌口"]


@pytest.mark.parametrize(
    ("path", "form", "field", "sentence"),
    [
        ("", {"label": " "}, "label", "这一项必须填写。"),
        ("", {"label": "用餐"}, "label", "已有一个同样的问题，换一种问法才分得清。"),
        ("", {"kind": "one_of", "options": "一"}, "options", "请至少写两个选项，每行一个。"),
        ("", {"kind": "one_of", "options": "一\n二\n一"}, "options", "选项“一”写了两次。"),
        ("", {"kind": "one_of", "options": "\n".join(map(str, range(61)))}, "options", "最多60个选项，现在有61个。"),
        ("", {"kind": "one_of", "options": "一\n" + "长" * 101}, "options", "太长了，最多100个字。"),
        ("", {"kind": "number", "least": "5", "most": "3"}, "most", "最大应不小于最小。"),
        ("", {"kind": "many_of", "options": "一\n二", "most": "3"}, "most", "选项一共只有2个。"),
        ("", {"condition": "meal:gone"}, "condition", "请从列表中选择一个询问条件，或选“总是询问”。"),
        ("", {"condition": "size:veg"}, "condition", "请从列表中选择一个询问条件，或选“总是询问”。"),
        ("", {"condition": "badge:yes"}, "condition", "请从列表中选择一个询问条件，或选“总是询问”。"),
        ("", {"keep_days": "-1"}, "keep_days", "请填写0到3650之间的整数。"),
        ("", {"kind": "poem"}, "kind", "请从列表中选择一项。"),
        ("", {"stage": "dream"}, "stage", "请从列表中选择一项。"),
        ("/meal", {"label": "用餐", "options": "荤\n米饭\n面"}, "options", "“忌口”要看被删去的选项才询问。"),
        ("/meal", {"label": "用餐", "options": "荤\n素", "stage": "door"}, "stage", "“忌口”在报名时要看它的回答"),
        ("/size", {"label": "尺码", "condition": "badge:yes"}, "condition", "请从列表中选择一个询问条件"),
    ],
)  # fmt: skip
async def test_question_that_cannot_be_asked_comes_back_as_typed(
    wang: httpx.AsyncClient, union: Union, path: str, form: dict[str, str], field: str, sentence: str
) -> None:
    badge = Question("badge", QuestionKind.AGREEMENT, "领胸牌", stage=Stage.DOOR)
    await make_terms(union.activity, [MEAL, ALLERGY, SIZE, badge])

    answer = await wang.post(address(union, path), data=typed(help="照此说明") | form)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'href="#field-{field}"' in answer.text
    assert 'value="照此说明"' in answer.text
    assert (await latest_terms(union.activity.id)).number == 1


async def test_question_at_the_door_may_look_at_an_answer_given_there(
    wang: httpx.AsyncClient, union: Union
) -> None:
    badge = Question("badge", QuestionKind.AGREEMENT, "领胸牌", stage=Stage.DOOR)
    await make_terms(union.activity, [badge])

    answer = await wang.post(address(union), data=typed(stage="door", condition="badge:yes"))

    assert answer.status_code == 303
    assert (await questions(union))[1].only_if == Condition("badge", "yes")


async def test_there_is_an_end_to_questions(wang: httpx.AsyncClient, union: Union) -> None:
    many = [Question(f"q{n}", QuestionKind.TEXT, f"问题{n}") for n in range(40)]
    await make_terms(union.activity, many)

    answer = await wang.post(address(union), data=typed())

    assert answer.status_code == 422
    assert "最多40个问题。" in answer.text


async def test_who_saves_second_is_told_what_changed_and_keeps_what_was_typed(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [MEAL])
    await wang.post(address(union, "/meal"), data=typed(label="午餐", options="荤\n素"))

    late = await wang.post(address(union, "/meal"), data=typed(label="晚餐", options="荤\n素"))
    before = await labels(union)
    shown = re.search(r'name="base" value="(\d+)"', late.text)
    assert shown
    again = await wang.post(
        address(union, "/meal"), data=typed(label="晚餐", options="荤\n素", base=shown[1])
    )

    assert (late.status_code, again.status_code) == (409, 303)
    assert "问题“用餐”改为“午餐”" in late.text
    assert 'value="晚餐"' in late.text
    assert (before, await labels(union)) == (["午餐"], ["晚餐"])


async def test_button_of_an_old_page_does_nothing(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL, SIZE])
    await make_terms(union.activity, [SIZE, MEAL])

    answer = await wang.post(address(union, "/meal/moves"), data={"step": "up", "base": "1"})

    assert answer.status_code == 409
    assert "问题的顺序变了" in answer.text
    assert await labels(union) == ["衣服尺码", "用餐"]


async def test_question_is_previewed_without_being_saved(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL])
    form = typed(kind="one_of", label="乘车", options="坐大巴\n自驾")

    whole = await wang.post(address(union, "/preview"), data=form)
    part = await wang.post(address(union, "/preview"), data=form, headers={"hx-request-type": "partial"})
    empty = await wang.post(address(union, "/preview"), data=form | {"label": ""})

    assert (whole.status_code, part.status_code, empty.status_code) == (200, 200, 422)
    assert [page.text.count('type="radio" name="q-') for page in (whole, part)] == [2, 2]
    assert "<html" in whole.text
    assert "<html" not in part.text
    assert "改正写错的地方后，这里显示问题的样子。" in empty.text
    assert await labels(union) == ["用餐"]


async def test_page_shows_questions_as_participants_see_them(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL, ALLERGY])

    page = await wang.get(address(union))

    assert page.text.count('name="q-meal"') == 2
    assert "只在“用餐”选了“素”时询问" in page.text


async def test_every_kind_has_its_form(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL])

    pages = {kind: (await wang.get(address(union, f"/new?kind={kind}"))).text for kind in QuestionKind}

    assert {kind for kind, page in pages.items() if 'name="options"' in page} == {"one_of", "many_of"}
    assert {kind for kind, page in pages.items() if 'name="least"' in page} == {"number", "many_of"}
    ticked = r'id="field-sensitive"[^>]* checked'
    assert {kind for kind, page in pages.items() if re.search(ticked, page)} == {"id_number"}
    assert all("“用餐”选了“素”" in page for page in pages.values())


async def test_nobody_lays_out_the_questions_of_another_union(
    client: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [MEAL])
    qian = await make_account("qian", Role.ORGANIZER, await make_organization("上海市总工会"))
    await let_in(client, qian)

    answers = [
        await client.get(address(union)),
        await client.get(address(union, "/new")),
        await client.get(address(union, "/meal/edit")),
        await client.post(address(union), data=typed()),
        await client.post(address(union, "/meal"), data=typed()),
        await client.post(address(union, "/preview"), data=typed()),
        await client.post(address(union, "/meal/moves"), data={"step": "up"}),
        await client.post(address(union, "/meal/removal")),
        await client.get(f"/manage/activities/{union.activity.code}/notice"),
        await client.post(f"/manage/activities/{union.activity.code}/notice", data={"keep_days": "1"}),
        await client.post(f"/manage/activities/{union.activity.code}/notice/versions/1/restoration"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert await labels(union) == ["用餐"]


async def test_unknown_questions_and_versions_are_not_found(wang: httpx.AsyncClient, union: Union) -> None:
    answers = [
        await wang.get(address(union, "/gone/edit")),
        await wang.post(address(union, "/gone"), data=typed()),
        await wang.post(address(union, "/gone/removal"), data={"base": "1"}),
        await wang.post(address(union, "/gone/moves"), data={"base": "1", "step": "up"}),
        await wang.post(f"/manage/activities/{union.activity.code}/notice/versions/9/restoration"),
        await wang.post(f"/manage/activities/{union.activity.code}/notice/versions/{'9' * 30}/restoration"),
    ]

    assert {answer.status_code for answer in answers} == {404}


async def test_nothing_is_changed_while_the_union_above_reads_it(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [MEAL])
    await Activity.update({Activity.state: "submitted"}).where(Activity.id == union.activity.id)

    answers = [
        await wang.post(address(union), data=typed()),
        await wang.post(f"/manage/activities/{union.activity.code}/notice", data={"keep_days": "9"}),
    ]

    assert {answer.status_code for answer in answers} == {409}
    assert await Terms.count() == 1


async def test_each_step_is_audited(wang: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [MEAL, SIZE])

    await wang.post(address(union), data=typed())
    await wang.post(address(union, "/size/moves"), data={"step": "up"})
    await wang.post(address(union, "/size/removal"))

    entries = await AuditEntry.select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
    deeds = [(e["action"], e["subject"]) for e in entries if e["action"].startswith("question.")]
    assert deeds == [(f"question.{deed}", union.activity.code) for deed in ("create", "move", "remove")]


async def test_who_registered_keeps_the_version_that_was_agreed_to(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [SIZE])
    await register(union.session)

    await wang.post(address(union, "/size/removal"), data={"base": "1"})

    first = await Terms.select(Terms.questions).where(Terms.number == 1).first()
    assert first
    assert "衣服尺码" in first["questions"]
    assert await labels(union) == []
