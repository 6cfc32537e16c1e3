"""The rules of the house that a machine can check."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import minijinja
import pytest
from importlinter.cli import lint_imports
from litestar.handlers import HTTPRouteHandler
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.columns import Column, ForeignKey
from piccolo.table import Table

from events_app.lib import database
from events_app.piccolo_app import APP_CONFIG
from events_app.web.edge import Edge
from events_app.web.templates import TEMPLATES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "events_app"
FILES = sorted(SOURCE.rglob("*.py"))
PAGES = sorted(TEMPLATES.rglob("*.html"))


def test_imports_go_down_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    result = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)

    assert result == 0, capsys.readouterr().out


def test_every_route_names_its_guard(app: Edge) -> None:
    unguarded = [handler.handler_name for handler in _handlers(app) if not handler.resolve_guards()]

    assert unguarded == []


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in FILES}

    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = {f"{_name(path)}:{name}": n for path in FILES for name, n in _functions(path)}

    assert {name: n for name, n in lengths.items() if n > 50} == {}


def test_half_of_the_functions_have_8_lines_at_most() -> None:
    lengths = [n for path in FILES for _function, n in _functions(path)]

    assert median(lengths) <= 8


def test_no_file_is_named_after_nothing() -> None:
    named = {"utils", "util", "common", "helpers", "helper", "misc"}

    assert [_name(p) for p in SOURCE.rglob("*") if p.stem in named] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_template_compiles_and_keeps_to_the_policy(path: Path) -> None:
    source = path.read_text()

    minijinja.Environment().add_template(path.name, source)

    assert re.findall(r"""\s(?:style|on[a-z]+)\s*=\s*["'{]|<style|javascript:""", source) == []
    assert "{% trans" not in source
    assert source.startswith("{#"), "A template begins with a comment that names what it is given."


def test_inline_scripts_are_the_import_map_alone() -> None:
    scripts = [tag for path in PAGES for tag in re.findall(r"<script[^>]*>", path.read_text())]

    assert {tag for tag in scripts if "src=" not in tag} == {'<script type="importmap">'}


async def test_migrations_know_every_table() -> None:
    statements = await AutoMigrationManager().get_alter_statements(APP_CONFIG)

    assert [line for statement in statements for line in statement.statements] == []


@pytest.mark.parametrize("table", APP_CONFIG.table_classes, ids=lambda table: table._meta.tablename)
async def test_table_is_what_the_database_has(table: type[Table], db: object) -> None:
    rows = await database.fetch(
        """SELECT attname, format_type(atttypid, atttypmod) AS type, attnotnull AS filled
             FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped""",
        table._meta.tablename,
    )

    assert {row["attname"]: (row["type"], row["filled"]) for row in rows} == {
        column._meta.db_column_name: (_type(column), not column._meta.null) for column in table._meta.columns
    }


async def test_every_foreign_key_is_the_start_of_an_index(db: object) -> None:
    """Otherwise deleting or joining reads the whole other table."""
    rows = await database.fetch(
        r"""SELECT c.conrelid::regclass || '.' || a.attname AS name
             FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND a.attname NOT IN ('account', 'in_charge') AND a.attname NOT LIKE '%\_by'
              AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum)"""
    )

    assert [row["name"] for row in rows] == []


def _name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def _handlers(app: Edge) -> Iterator[HTTPRouteHandler]:
    """All but Litestar's own: the OpenAPI document and the answers to OPTIONS."""
    for route in app.inner.routes:
        for handler in route.route_handlers:
            if not str(handler).startswith("litestar."):
                yield handler


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Names and lengths, the docstring and the decorators not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            assert first.end_lineno
            assert node.end_lineno
            documented = ast.get_docstring(node) is not None
            yield (
                node.name,
                node.end_lineno - node.lineno + 1 - documented * (first.end_lineno - first.lineno + 1),
            )


def _type(column: Column) -> str:
    """As PostgreSQL writes it."""
    if isinstance(column, ForeignKey):
        return _type(column._foreign_key_meta.resolved_references._meta.primary_key)
    name = str(column.column_type).lower().replace(", ", ",")
    names = {
        "varchar": f"character varying({getattr(column, 'length', '')})",
        "timestamptz": "timestamp with time zone",
        "time": "time without time zone",
        "serial": "integer",
        "bigserial": "bigint",
    }
    return names.get(name.partition("(")[0], name)
