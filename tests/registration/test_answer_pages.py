"""Answering on a session's page, at the door and by script; files; and who may read it all."""

import io
import struct
import zipfile
import zlib
from datetime import timedelta
from html import unescape

import httpx
import pytest
from python_calamine import CalamineWorkbook
from tests.conftest import new_client
from tests.people import (
    Union,
    authorization,
    counted_statements,
    let_in,
    make_session,
    make_terms,
    make_union,
    register,
)

from events_app.lib import clock, database
from events_app.registration.actions.attachments import drop_drafts
from events_app.registration.queries import attachments
from events_app.registration.rules.questions import Condition, Option, Question, QuestionKind, Stage
from events_app.web.edge import Edge

ZHAO = {"name": "赵敏", "phone": "19900001234", "consent": "yes"}
BUS = Question(
    "bus",
    QuestionKind.ONE_OF,
    "怎么来？",
    required=True,
    options=[Option("y", "坐班车"), Option("n", "自己来")],
)
STOP = Question("stop", QuestionKind.TEXT, "在哪里上车？", required=True, only_if=Condition("bus", "y"))
MEALS = Question(
    "meal", QuestionKind.MANY_OF, "用餐", options=[Option("am", "早餐"), Option("pm", "午餐")], purpose="订餐"
)
ID = Question("id", QuestionKind.ID_NUMBER, "身份证号码")
PAPER = Question("paper", QuestionKind.FILE, "证明", required=True)
FACE = Question("face", QuestionKind.PICTURE, "照片")
SHOES = Question("shoes", QuestionKind.NUMBER, "鞋码", required=True, stage=Stage.DOOR, least=20, most=50)
PDF = b"%PDF-1.7\n" + b"0" * 100


def png(width: int = 8, height: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * 3 * width for _row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    text = chunk(b"tEXt", b"GPS\0somewhere")
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + text
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def office(part: str, *more: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        for name in ("[Content_Types].xml", part, *more):
            parts.writestr(name, "<x/>")
    return file.getvalue()


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


@pytest.fixture
async def wang(app: Edge, union: Union) -> httpx.AsyncClient:
    client = new_client(app)
    await let_in(client, union.wang)
    return client


async def send(
    client: httpx.AsyncClient,
    union: Union,
    files: dict[str, tuple[str, bytes]] | None = None,
    **typed: str | list[str],
) -> httpx.Response:
    """The page's form, its fields q_x for q-x."""
    data = {name.replace("_", "-"): value for name, value in (ZHAO | typed).items()}
    named = {name.replace("_", "-"): file for name, file in (files or {}).items()}
    return await client.post(f"/s/{union.session.code}/registrations", data=data, files=named or None)


async def kept() -> str:
    return str(await database.value("SELECT answers::text FROM registration"))


async def test_answers_are_kept_with_the_version_they_were_given_to(
    client: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity)
    terms = await make_terms(union.activity, [BUS, STOP, MEALS])

    answer = await send(client, union, terms="2", q_bus="y", q_stop=" 北门 ", q_meal=["pm", "am"])

    assert answer.status_code == 303
    assert await kept() == '{"bus": "y", "meal": ["am", "pm"], "stop": "北门"}'
    assert await database.value("SELECT terms FROM registration") == terms.number == 2


async def test_page_shows_every_question_and_when_it_is_asked(
    client: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [BUS, STOP, MEALS, ID, PAPER, FACE, SHOES])

    page = (await client.get(f"/s/{union.session.code}")).text

    assert all(question.label in page for question in (BUS, STOP, MEALS, ID, PAPER, FACE))
    assert 'name="q-shoes"' not in page
    assert "仅当“怎么来？”选了“坐班车”时回答。" in page
    assert "用途：订餐" in page


async def test_refused_form_tells_all_and_keeps_all(client: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [BUS, STOP, MEALS, ID])

    answer = await send(client, union, phone="12", q_bus="y", q_meal=["am", "pm"], q_id="110105194912310021")

    assert answer.status_code == 422
    for sentence in ("11位手机号码", "这一项必须填写", "校验码不对"):
        assert sentence in answer.text
    assert answer.text.count(" checked") == 4  # the bus, two meals, the consent
    assert 'value="110105194912310021"' in answer.text


async def test_questions_that_changed_meanwhile_are_asked_again(
    client: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [BUS])
    await make_terms(union.activity, [BUS, MEALS])

    answer = await send(client, union, terms="1", q_bus="n")

    assert answer.status_code in (409, 422)
    assert "用餐" in answer.text
    assert await database.value("SELECT count(*) FROM registration") == 0


@pytest.mark.parametrize("terms", ["99", "-1", "x", "99999999999"])
async def test_number_of_no_version_is_no_matter(client: httpx.AsyncClient, union: Union, terms: str) -> None:
    await make_terms(union.activity, [BUS])

    assert (await send(client, union, terms=terms, q_bus="n")).status_code in (303, 422)


async def test_answer_to_no_question_and_a_removed_option_are_refused(
    client: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [BUS])

    answer = await send(client, union, q_bus="plane", q_ghost="x")

    assert answer.status_code == 422
    assert all(words in answer.text for words in ("现在没有这个选项", "没有这个问题"))


async def test_questions_cost_no_statement(client: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [BUS, STOP, MEALS, ID])
    await send(client, union, name="钱二", terms="1", q_bus="n")
    plain = await make_union("浙江省总工会", "qian", "zhou")
    await make_terms(plain.activity)
    await send(client, plain, name="钱二", terms="1")

    async with counted_statements() as with_questions:
        assert (await send(client, union, terms="1", q_bus="n")).status_code == 303
    async with counted_statements() as without:
        assert (await send(client, plain, terms="1")).status_code == 303

    assert len(with_questions) == len(without)


async def test_file_is_kept_handed_in_and_handed_out(
    client: httpx.AsyncClient, wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [PAPER])

    answer = await send(client, union, {"f_paper": ("../证明 1.pdf", PDF)})

    assert answer.status_code == 303
    code = await database.value("SELECT code FROM attachment WHERE registration IS NOT NULL")
    ticket = answer.headers["location"]
    for got in (
        await wang.get(f"/manage/attachments/{code}"),
        await client.get(f"{ticket}/attachments/{code}"),
    ):
        assert (got.status_code, got.content, got.headers["content-type"]) == (200, PDF, "application/pdf")
        assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E8%AF%81")
        assert got.headers["x-content-type-options"] == "nosniff"


async def test_file_is_for_its_organisers_and_its_holder_alone(
    client: httpx.AsyncClient, app: Edge, union: Union
) -> None:
    await make_terms(union.activity, [PAPER])
    await send(client, union, {"f_paper": ("a.pdf", PDF)})
    code = await database.value("SELECT code FROM attachment")
    others = (await send(client, union, {"f_paper": ("a.pdf", PDF)}, name="钱二")).headers["location"]
    other = await make_union("浙江省总工会", "qian", "zhou")
    qian, li = new_client(app), new_client(app)
    await let_in(qian, other.wang)
    await let_in(li, union.li)

    answers = [
        await qian.get(f"/manage/attachments/{code}"),
        await client.get(f"{others}/attachments/{code}"),
        await client.get(f"/t/x/attachments/{code}"),
        await li.get(f"/manage/attachments/{code}"),
        await client.get(f"/manage/attachments/{code}"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 403, 303]


async def test_refused_form_keeps_the_file_for_the_next_try(client: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [PAPER])

    refused = await send(client, union, {"f_paper": ("证明.pdf", PDF)}, phone="12")
    code = await database.value("SELECT code FROM attachment WHERE registration IS NULL")
    again = await send(client, union, q_paper=code)

    assert (refused.status_code, again.status_code) == (422, 303)
    assert "已上传：证明.pdf" in refused.text
    assert f'name="q-paper" value="{code}"' in refused.text
    assert await kept() == f'{{"paper": "{code}"}}'
    assert await database.value("SELECT count(*) FROM attachment WHERE registration IS NOT NULL") == 1


async def test_file_of_somebody_else_cannot_be_claimed(client: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [PAPER])
    await send(client, union, {"f_paper": ("a.pdf", PDF)})
    code = await database.value("SELECT code FROM attachment")

    answer = await send(client, union, name="钱二", q_paper=code)

    assert (answer.status_code, "请重新选择文件" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("照片.jpg", b"\xff\xd8\xff" + b"0" * (9 * 1024 * 1024), "压缩到8 MB以内"),
        ("照片.png", b"MZ" + b"0" * 500, "与扩展名“.png”不符"),
        ("页.pdf", b"<html><script>alert(1)</script>", "与扩展名“.pdf”不符"),
        ("表.docx", office("xl/workbook.xml"), "与扩展名“.docx”不符"),
        ("宏.docx", office("word/document.xml", "word/vbaProject.bin"), "与扩展名“.docx”不符"),
        ("程序.exe", b"MZ", "请上传PDF"),
        ("无名", b"%PDF-1.7", "请上传PDF"),
        ("坏.jpg", b"\xff\xd8\xff" + b"0" * 500, "请上传JPEG、PNG或WebP图片"),
    ],
)
async def test_bad_file_is_refused_with_a_sentence(
    client: httpx.AsyncClient, union: Union, name: str, body: bytes, sentence: str
) -> None:
    await make_terms(union.activity, [PAPER])

    answer = await send(client, union, {"f_paper": (name, body)})

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert 'value="赵敏"' in answer.text
    assert await database.value("SELECT count(*) FROM attachment") == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.PDF", PDF),
        ("a.docx", office("word/document.xml")),
        ("a.xlsx", office("xl/workbook.xml")),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le")),
    ],
)
async def test_papers_of_all_kinds_are_taken(
    client: httpx.AsyncClient, union: Union, name: str, body: bytes
) -> None:
    await make_terms(union.activity, [PAPER])

    assert (await send(client, union, {"f_paper": (name, body)})).status_code == 303
    assert await database.value("SELECT content FROM attachment") == body


async def test_picture_is_made_anew(client: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [FACE])

    pdf = await send(client, union, {"f_face": ("a.pdf", PDF)})
    answer = await send(client, union, {"f_face": ("IMG.png", png())})

    assert (pdf.status_code, answer.status_code) == (422, 303)
    row = await database.find("SELECT name, media_type, content FROM attachment")
    assert row is not None
    assert (row["name"], row["media_type"], b"somewhere" in png()) == ("IMG.webp", "image/webp", True)
    assert row["content"][8:12] == b"WEBP"
    assert b"somewhere" not in row["content"]


async def test_only_a_form_with_files_may_be_large(client: httpx.AsyncClient, union: Union) -> None:
    files = {"f_paper": ("a.pdf", PDF + b"0" * 70_000)}

    without = await send(client, union, files)
    await make_terms(union.activity, [PAPER])
    with_files = await send(client, union, files)

    assert (without.status_code, with_files.status_code) == (413, 303)


async def test_files_of_forms_that_were_never_sent_go_after_a_day(
    client: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [PAPER])
    await send(client, union, {"f_paper": ("a.pdf", PDF)})
    await send(client, union, {"f_paper": ("b.pdf", PDF)}, name="")

    assert await drop_drafts() == 0
    assert await attachments.drop_drafts(clock.now() + timedelta(hours=1)) == 1
    assert await database.value("SELECT name FROM attachment") == "a.pdf"


async def test_files_of_forms_that_are_not_sent_do_not_fill_the_disk(
    client: httpx.AsyncClient, union: Union, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events_app.registration.actions.attachments._MOST_UNSENT", len(PDF))
    await make_terms(union.activity, [PAPER])
    taken = [await send(client, union, {"f_paper": ("a.pdf", PDF)}, name="") for _time in range(3)]

    assert ["现在不能上传文件" in answer.text for answer in taken] == [False, False, True]
    assert await database.value("SELECT count(*) FROM attachment") == 2


async def test_organiser_reads_all_answers_and_gate_staff_those_of_the_door(
    client: httpx.AsyncClient, wang: httpx.AsyncClient, app: Edge, union: Union
) -> None:
    await make_terms(union.activity, [BUS, ID, SHOES])
    await send(client, union, q_bus="n", q_id="11010519491231002X")
    seat = await database.value("SELECT id FROM seat")
    address = f"/manage/sessions/{union.session.code}/seats/{seat}/answers"
    li = new_client(app)
    await let_in(li, union.li)

    missing = await li.post(address, data={"q-shoes": ""})
    saved = await li.post(address, data={"q-shoes": "４２"})

    assert (missing.status_code, saved.status_code) == (422, 303)
    his, hers = await li.get(address), await wang.get(address)
    assert "鞋码" in his.text
    assert "11010519491231002X" not in his.text
    assert all(words in hers.text for words in ("自己来", "11010519491231002X", "鞋码", "42"))
    assert await kept() == '{"id": "11010519491231002X", "bus": "n", "shoes": "42"}'
    actions = await database.fetch("SELECT DISTINCT action FROM audit_entry ORDER BY action")
    assert [row["action"] for row in actions] == ["answers.read", "answers.update"]


async def test_answers_lead_back_to_the_session_and_call_a_refusal_so(
    wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [BUS])
    seat = (await register(union.session)).seat
    await database.fetch("UPDATE seat SET state = 'released', cause = 'declined', released_at = now()")

    page = unescape((await wang.get(f"/manage/sessions/{union.session.code}/seats/{seat}/answers")).text)

    assert "未通过" in page
    assert "已取消" not in page
    assert f'href="/manage/activities/{union.activity.code}"' in page
    assert "/door" not in page


async def test_answers_of_others_are_not_found(app: Edge, union: Union) -> None:
    await make_terms(union.activity, [BUS])
    seat = (await register(union.session)).seat
    other = await make_union("浙江省总工会", "qian", "zhou")
    qian = new_client(app)
    await let_in(qian, other.wang)

    answers = [
        await qian.get(f"/manage/sessions/{union.session.code}/seats/{seat}/answers"),
        await qian.get(f"/manage/sessions/{other.session.code}/seats/{seat}/answers"),
        await qian.get(f"/manage/sessions/{union.session.code}/door"),
        await qian.get(f"/manage/sessions/{other.session.code}/seats/x/answers"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


async def test_gate_leads_to_the_questions_of_the_door(wang: httpx.AsyncClient, union: Union) -> None:
    door = f'href="/manage/sessions/{union.session.code}/door"'
    before = await wang.get(f"/gate/{union.session.code}")
    await make_terms(union.activity, [SHOES])
    await register(union.session)

    after = await wang.get(f"/gate/{union.session.code}")
    people = await wang.get(f"/manage/sessions/{union.session.code}/door?words=赵敏")

    assert (door in before.text, door in after.text) == (False, True)
    assert "还有1项必填" in people.text


@pytest.mark.parametrize("people", [1, 3, 30])
async def test_door_costs_the_same_for_many_people(
    wang: httpx.AsyncClient, union: Union, people: int
) -> None:
    await make_terms(union.activity, [SHOES])
    for number in range(people):
        await register(union.session, f"赵{number}")
    address = f"/manage/sessions/{union.session.code}/door"
    await wang.get(address)

    async with counted_statements() as statements:
        assert (await wang.get(address)).text.count(">还有1项必填<") == people

    assert len(statements) == 5


async def test_workbook_has_a_column_for_each_wording(
    client: httpx.AsyncClient, wang: httpx.AsyncClient, union: Union
) -> None:
    await make_terms(union.activity, [BUS, Question("note", QuestionKind.TEXT, "备注")])
    await send(client, union, q_bus="n", q_note='=HYPERLINK("http://x","y")')
    reworded = [Question("note", QuestionKind.TEXT, "还有什么要说？"), BUS, PAPER]
    await make_terms(union.activity, reworded)
    await send(client, union, {"f_paper": ("证明.pdf", PDF)}, name="钱二", q_bus="y", q_note="没有")

    answer = await wang.get(f"/manage/sessions/{union.session.code}/attendees.xlsx")

    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[9:] for row in rows] == [
        ["怎么来？", "备注", "还有什么要说？", "证明"],
        ["自己来", '=HYPERLINK("http://x","y")', "", ""],
        ["坐班车", "", "没有", "证明.pdf"],
    ]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


async def test_script_answers_questions(client: httpx.AsyncClient, union: Union) -> None:
    await make_terms(union.activity, [BUS, STOP, MEALS])
    client.headers.update(await authorization(union.wang))
    body = {"session": union.session.code, "name": "赵敏", "phone": "19900001234", "consent": True}

    wrong = await client.post(
        "/api/v1/registrations", json=body | {"answers": {"bus": "y", "ghost": "x", "meal": ["supper"]}}
    )
    right = await client.post(
        "/api/v1/registrations",
        json=body | {"answers": {"怎么来？": "坐班车", "stop": "北门", "meal": ["午餐"]}},
    )

    assert wrong.status_code == 422
    assert set(wrong.json()["errors"]) == {"answers.stop", "answers.ghost", "answers.meal"}
    assert right.status_code == 201
    assert await kept() == '{"bus": "y", "meal": ["pm"], "stop": "北门"}'


async def test_repeated_key_gets_its_answer_though_the_questions_changed(
    client: httpx.AsyncClient, union: Union
) -> None:
    session = await make_session(union.activity)
    client.headers.update(await authorization(union.wang) | {"idempotency-key": "k"})
    body = {"session": session.code, "name": "赵敏", "phone": "19900001234", "consent": True}

    first = await client.post("/api/v1/registrations", json=body)
    await make_terms(union.activity, [BUS])
    again = await client.post("/api/v1/registrations", json=body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
