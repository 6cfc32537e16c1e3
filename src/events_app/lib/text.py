"""What people type, made fit to keep: names stay whole, control characters stay out.

Every function raises ValueError with a whole sentence for the person who typed.
"""

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape

import nh3
from markdown_it import MarkdownIt

from events_app.lib.language import gettext as _

# Cc control, Cs lone surrogates, Co private use, Cn unassigned, Zl/Zp breaks.
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
# What turns text around or makes two names look like one: the blanks among the letters and whatever else Unicode
# calls default-ignorable (UAX #44), but for the selectors that choose a form of an ideograph, a Mongolian letter or
# an emoji. The joiners mean something in Arabic and Indic scripts and in emoji, and nothing after an ideograph or a
# Latin letter.
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff"
    r"\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    r"|(?:^|[0-9A-Za-z\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003fffd])[\u200c\u200d]"
)
# People have names in ideographs that are newer than Python's tables (planes 2 and 3 are theirs).
_IDEOGRAPHS = range(0x20000, 0x3FFFE)
_DAMAGED = "\ufffd"

# Mobile numbers of the mainland, and landlines with their area code (0871-63112233).
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{10,11}")
_HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"
_BETWEEN_HAN = re.compile(f"(?<={_HAN}) (?={_HAN})")
_ALLOWED_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "a",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "hr",
    "code",
    "del",
}


def one_line(value: str, most: int) -> str:
    """NFC, outer and double white space gone; at most `most` characters, none of them invisible mischief."""
    _refuse_unprintable(value.replace("\t", " ").strip())
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if len(text) > most:
        raise ValueError(_("太长了，最多%(most)s个字，现在有%(length)s个。", most=most, length=len(text)))
    return text


def person_name(value: str, most: int) -> str:
    """Like `one_line`; a blank between Chinese characters, typed for looks, makes nobody another person."""
    return _BETWEEN_HAN.sub("", one_line(value, most))


def paragraphs(value: str, most: int) -> str:
    """Like `one_line`, line breaks kept as \\n."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    _refuse_unprintable(text.replace("\n", "").replace("\t", ""))
    if len(text) > most:
        raise ValueError(_("太长了，最多%(most)s个字，现在有%(length)s个。", most=most, length=len(text)))
    return text


def phone_number(value: str) -> str:
    """Digits only: full-width digits, spaces, dashes and +86 are what people type, not what we keep."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", value))
    digits = re.sub(r"^(\+86|0086|86(?=1[0-9]{10}$))", "", digits)
    if not _PHONE.fullmatch(digits):
        raise ValueError(_("请填写11位手机号码，或带区号的固定电话。"))
    return digits


def masked_phone(phone: str) -> str:
    """138****1234; nothing for nothing."""
    return phone and f"{phone[:3]}****{phone[-4:]}"


@lru_cache(maxsize=512)
def markdown(source: str) -> str:
    """Safe HTML: no raw HTML gets in, and what comes out is cut down to a short list of tags.

    Kept, because a page is read far more often than it is written.
    """
    html = _parser().render(source)
    return nh3.clean(
        html, tags=_ALLOWED_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"}
    )


def plain(source: str, most: int) -> str:
    """Markdown without its marks, cut at `most` characters: for calendars and previews of links."""
    text = " ".join(unescape(nh3.clean(_parser().render(source), tags=set())).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _refuse_unprintable(value: str) -> None:
    if _DAMAGED in value:
        raise ValueError(_("有些文字在传送中损坏了，请重新填写。"))
    if _INVISIBLE.search(value) or (not value.isprintable() and any(map(_is_unprintable, value))):
        raise ValueError(_("含有看不见的控制字符，请删去后重新填写。"))


def _is_unprintable(c: str) -> bool:
    return unicodedata.category(c) in _UNPRINTABLE and ord(c) not in _IDEOGRAPHS


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True})
