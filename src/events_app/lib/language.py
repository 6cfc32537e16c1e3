"""Chinese is the source text; English comes from the catalogue. One language per request."""

import gettext as catalogues
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"zh": "中文", "en": "English"}
LOCALE = Path(__file__).parents[1] / "locale"

current: ContextVar[str] = ContextVar("language", default="zh")


def gettext(message: str, /, **values: object) -> str:
    """The message in the reader's language, `%(name)s` filled from `values`."""
    text = _catalogue("en").gettext(message) if is_english() else message
    return text % values if values else text


def listed(names: Iterable[str]) -> str:
    """Names in one line: 甲、乙 · A, B."""
    return (", " if is_english() else "、").join(names)


def parted(parts: Iterable[str]) -> str:
    """Parts of one line, the empty ones at its end left out: 甲，乙 · A, B."""
    comma = ", " if is_english() else "，"
    return comma.join(parts).rstrip("， ,")


def is_english() -> bool:
    return current.get() == "en"


def in_both(say: Callable[[], str]) -> tuple[str, str]:
    """What `say` says to Chinese and to English readers: for words that are kept."""
    reader = current.get()
    try:
        current.set("zh")
        chinese = say()
        current.set("en")
        return chinese, say()
    finally:
        current.set(reader)


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("messages", LOCALE, [language], fallback=True)
