"""Lists cut into pages: which one, and the links to the others."""

from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Request

from events_app.lib.errors import NotFound


@dataclass(frozen=True)
class Paging:
    """Page `number` (from 1) of `total` rows, `size` a page; `query` is kept in the links."""

    path: str
    number: int
    size: int
    total: int
    query: tuple[tuple[str, str], ...] = ()

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last_row(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def previous(self) -> str:
        return self.address(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        return self.address(self.number + 1) if self.number < self.last else ""

    @property
    def links(self) -> list[dict[str, object]]:
        """The first, the last and those around this one; a gap is a link without an address."""
        near = [n for n in range(1, self.last + 1) if n in (1, self.last) or abs(n - self.number) <= 1]
        links: list[dict[str, object]] = []
        for before, number in zip([0, *near], near, strict=False):
            if number - before > 1:
                links.append({"href": "", "text": "", "current": False})
            links.append({"href": self.address(number), "text": number, "current": number == self.number})
        return links

    def address(self, number: int) -> str:
        return f"{self.path}?{urlencode([*self.query, ('page', number)])}"


def page_number(request: Request) -> int:
    """`?page=` as a number from 1 to 100,000; whatever else is written there means the first."""
    return min(max(number(request.query_params.get("page", ""), 1), 1), 100_000)


def number(text: str, default: int, digits: int = 9) -> int:
    """What an address says in at most `digits`; else `default`. Nine fit a PostgreSQL integer, eighteen a bigint."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else default


def row_id(text: str, digits: int = 18) -> int:
    """The id that an address names; raises NotFound for what is none. See `number` for `digits`."""
    if not (row := number(text, 0, digits)):
        raise NotFound
    return row
