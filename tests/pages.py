"""What a browser would send of a page whose fields nobody has touched."""

from collections import defaultdict
from html.parser import HTMLParser


def fields_of(html: str) -> dict[str, list[str]]:
    """By name, the values of all the page's fields; boxes and circles only when they are ticked."""
    page = _Fields()
    page.feed(html)
    return {name: [value.removeprefix("\n") for value in values] for name, values in page.fields.items()}


_TICKED = ("checkbox", "radio")


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = defaultdict(list)
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self._textarea = name
            self.fields[name].append("")
        elif tag == "input" and name and (given.get("type") not in _TICKED or "checked" in given):
            self.fields[name].append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][-1] += data
