"""What people type stays whole, and what nobody can see stays out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.lib.text import markdown, masked_phone, one_line, paragraphs, phone_number, plain


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  赵 \t 敏\u3000 ", "赵 敏"),
        ("𬱖㛃·赵敏", "𬱖㛃·赵敏"),
        ("A\u030angstro\u0308m", "Ångström"),
        ("全角ＡＢＣ１２３", "全角ＡＢＣ１２３"),
        ("㍿ ﬁ ²", "㍿ ﬁ ²"),
        ("👩\u200d🏫", "👩\u200d🏫"),
        ("葛\U000e0100", "葛\U000e0100"),
        ("神\ufe00", "神\ufe00"),
        ("ᠮᠣᠩᠭᠣᠯ\u180eᠠ\u180b", "ᠮᠣᠩᠭᠣᠯ\u180eᠠ\u180b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_one_line_keeps_what_can_be_seen(typed: str, kept: str) -> None:
    assert one_line(typed, 50) == kept


@pytest.mark.parametrize(
    "mischief",
    [
        "\x00",
        "\x1b",
        "\x85",
        "\u2028",
        "\u202e",
        "\u2067",
        "\u061c",
        "\u200b",
        "\ue000",
        "\ud800",
        "\U000e01f0",
        "\u00ad",
        "\u034f",
        "\u115f",
        "\u1160",
        "\u17b4",
        "\u200c",
        "\u200d",
        "\u206a",
        "\u2800",
        "\u3164",
        "\uffa0",
        "\ufff8",
        "\U0001bca0",
        "\U0001d173",
        "\U000e0001",
        "\U000e007f",
    ],
)
def test_one_line_refuses_what_cannot_be_seen(mischief: str) -> None:
    with pytest.raises(ValueError, match="含有看不见的控制字符"):
        one_line(f"赵{mischief}敏", 50)


def test_one_line_counts_characters_as_people_do() -> None:
    assert one_line("𬱖" * 50, 50) == "𬱖" * 50
    with pytest.raises(ValueError, match="最多50个字，现在有51个。"):
        one_line("𬱖" * 51, 50)


def test_paragraphs_keep_their_lines() -> None:
    assert paragraphs(" 一\r\n\r二\n\t三 ", 50) == "一\n\n二\n\t三"


@given(st.text())
def test_what_was_cleaned_is_clean(typed: str) -> None:
    try:
        once = one_line(typed, 10_000)
    except ValueError:
        return
    assert one_line(once, 10_000) == once
    assert "\x00" not in once
    once.encode()


@given(st.text(alphabet="0123456789０１２３４５６７８９+＋-－() （）　", max_size=20))
def test_phones_are_digits_or_refused(typed: str) -> None:
    try:
        kept = phone_number(typed)
    except ValueError:
        return
    assert kept.isascii()
    assert kept.isdigit()
    assert len(kept) in (11, 12)
    assert phone_number(kept) == kept


def test_country_code_falls_only_before_a_mobile_number() -> None:
    assert phone_number("+86 199 0000 1234") == "19900001234"
    assert phone_number("0086-19900001234") == "19900001234"
    assert phone_number("+86 0871 63112233") == "087163112233"


def test_masked_phone_shows_the_ends() -> None:
    assert masked_phone("19900001234") == "199****1234"


def test_markdown_makes_paragraphs_lists_and_links() -> None:
    html = markdown("# 题\n\n**重点** [网站](https://example.org)\n\n- 一\n- 二")

    assert "<strong>重点</strong>" in html
    assert '<a href="https://example.org" rel="noopener noreferrer">网站</a>' in html
    assert html.count("<li>") == 2


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<style>*{display:none}</style>",
        '<a href="/" style="position:fixed" onclick="x()">a</a>',
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](https://evil.example/pixel.png)",
    ],
)
def test_markdown_lets_no_code_through(source: str) -> None:
    """What looks like code stays the text it is: no tag but the paragraph's is left."""
    tags = re.findall(r"<[^>]*>", markdown(source))

    assert set(tags) <= {"<p>", "</p>"}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("# 题\n\n**重点** 与 [网站](https://example.org)", "题 重点 与 网站"),
        ('A&B <C> "D"', 'A&B <C> "D"'),
        ("一二三四五六", "一二三四…"),
    ],
)
def test_plain_is_what_people_read(source: str, text: str) -> None:
    assert plain(source, 5 if "…" in text else 50) == text
