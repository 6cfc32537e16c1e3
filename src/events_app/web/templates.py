"""MiniJinja: escaped by default, strict about names it was not given. Pages get plain values, Structs and safe HTML."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import minijinja

from events_app.lib import clock, text
from events_app.lib.language import LANGUAGES, current, gettext
from events_app.web.assets import Assets

TEMPLATES = Path(__file__).parents[1] / "templates"


class Pages:
    """Renders a template by its name below templates/. `words` are filters that name what slices know."""

    def __init__(self, assets: Assets, base_url: str, words: Mapping[str, Callable[..., Any]]) -> None:
        self._environment = minijinja.Environment(
            loader=_source,
            undefined_behavior="strict",
            trim_blocks=True,
            lstrip_blocks=True,
            filters={**_FILTERS, **words},
            globals=_globals(assets, base_url),
        )

    def render(self, name: str, **context: Any) -> str:
        html: str = self._environment.render_template(name, language=current.get(), **context)
        return html


def safe(html: str) -> str:
    """Mark HTML that our own code made as needing no escaping."""
    return minijinja.safe(html)


def _globals(assets: Assets, base_url: str) -> dict[str, Any]:
    return {
        "_": gettext,
        "asset": lambda name: safe(assets.url(name)),
        "importmap": safe(assets.importmap),
        "base_url": base_url,
        "languages": LANGUAGES,
        "comma": clock.comma,
    }


def _source(name: str) -> str | None:
    path = TEMPLATES / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


_FILTERS: dict[str, Callable[..., Any]] = {
    "day": clock.day_text,
    "date": clock.date_text,
    "short_day": clock.short_day_text,
    "weekday": clock.weekday,
    "time": clock.time_text,
    "second": clock.second_text,
    "moment": clock.moment_text,
    "hours": clock.hours_text,
    "span": clock.span_text,
    "field": clock.field_text,
    "markdown": lambda source: safe(text.markdown(source)),
    "plain": text.plain,
    "masked_phone": text.masked_phone,
    "iso": lambda moment: moment.astimezone(clock.ZONE).isoformat(timespec="minutes"),
}
