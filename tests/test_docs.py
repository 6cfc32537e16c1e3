"""What the documents say is there."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from PIL import Image

from events_app.cli import main
from events_app.settings import Settings, to_environment

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())
READMES = ["README.md", "README.zh.md"]
ADMINISTRATOR = (ROOT / "docs" / "administrator.md").read_text()
LARGEST_PICTURE = 150_000  # bytes
FIRST_SCREEN = 30  # lines


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", READMES)
def test_readme_begins_with_the_two_commands_and_a_picture(name: str) -> None:
    beginning = "\n".join((ROOT / name).read_text().splitlines()[:FIRST_SCREEN])

    assert re.findall(r"^make (\w+)", beginning, re.MULTILINE) == ["run", "test"]
    assert "docs/pictures/" in beginning


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_document_names_make_targets_that_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|&& )make ([a-z]+)", path.read_text(), re.MULTILINE))

    assert named - targets == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_links_and_pictures_are_there(path: Path) -> None:
    broken = [link for link in _links(path.read_text()) if not _resolves(path, link)]

    assert broken == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_pictures_are_told_to_who_cannot_see_them(path: Path) -> None:
    text = path.read_text()

    assert [tag for tag in re.findall(r"<img[^>]*>", text) if not re.search(r'alt="[^"]+"', tag)] == []
    assert re.findall(r"!\[\]", text) == []


@pytest.mark.parametrize("path", PICTURES, ids=relative)
def test_picture_is_small_and_shown(path: Path) -> None:
    shown = {
        (document.parent / link).resolve() for document in DOCUMENTS for link in _links(document.read_text())
    }

    with Image.open(path) as picture:
        assert picture.width <= 1280
    assert path.stat().st_size <= LARGEST_PICTURE
    assert path in shown


def test_every_command_is_documented() -> None:
    missing = [name for name in _commands(main, "events") if f"`{name}" not in ADMINISTRATOR]

    assert missing == []


def test_documented_commands_exist() -> None:
    known = set(_commands(main, "events"))
    named = set(re.findall(r"`(events [a-z]+(?: (?:create|passwd))?)", ADMINISTRATOR))

    assert named - known == set()


def test_every_option_is_documented() -> None:
    options = {
        option for _name, command in _walk(main, "events") for p in command.params for option in p.opts
    }

    assert [
        o for o in sorted(options) if o.startswith("--") and not re.search(rf"{o}\b", ADMINISTRATOR)
    ] == []


def test_every_setting_is_documented_and_no_other() -> None:
    settings = Settings(
        database_url=None,
        data_dir=ROOT,
        base_url="",
        secret_key=b"",
        host="",
        port=1,
        workers=1,
        production=False,
    )
    known = set(to_environment(settings))

    assert len(known) == len(fields(Settings))
    assert set(re.findall(r"^\| `(EVENTS_[A-Z_]+)`", ADMINISTRATOR, re.MULTILINE)) == known
    for name in READMES:
        assert set(re.findall(r"EVENTS_[A-Z_]+", (ROOT / name).read_text())) == known


def test_every_locked_package_is_named_with_its_licence() -> None:
    rows = _licences()
    locked = {
        name for lock in ("requirements.lock", "requirements-dev.lock") for name in _locked(ROOT / lock)
    }

    assert sorted(locked - rows.keys()) == []
    assert [name for name, licence in rows.items() if not licence] == []


def test_every_browser_package_is_named_with_its_licence() -> None:
    packages = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    named = [*packages["dependencies"], *packages["devDependencies"]]

    rows = _licences()
    assert {name: rows.get(name) for name in named} == {
        name: lock[f"node_modules/{name}"]["license"] for name in named
    }


def test_changelog_has_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.findall(
        rf"^## (?:Unreleased|{re.escape(version)}\b)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("name", ["organiser", "gate"])
def test_manual_exists_in_both_languages(name: str) -> None:
    english, chinese = ROOT / "docs" / f"{name}.md", ROOT / "docs" / f"{name}.zh.md"

    assert f"]({chinese.name})" in english.read_text()
    assert f"]({english.name})" in chinese.read_text()
    assert _shape(english) == _shape(chinese)


def _links(text: str) -> list[str]:
    """Where Markdown's links and pictures and HTML's images lead, code left out."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'src="([^"]+)"', prose)


def _resolves(path: Path, link: str) -> bool:
    if link.startswith(("https://", "mailto:")):
        return True
    file, _, anchor = link.partition("#")
    target = (path.parent / file).resolve() if file else path
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(path: Path) -> list[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def _shape(path: Path) -> list[str]:
    """Headings, tables' rows and pictures: what a translation that has fallen behind lacks."""
    return re.findall(
        r"^(#+|\||!?\[.*?\]\(pictures/\S+\)|- |\d\.)", _without_alt(path.read_text()), re.MULTILINE
    )


def _without_alt(text: str) -> str:
    return re.sub(r"!\[[^]]*\]", "![]", text)


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for key, below in command.commands.items():
        yield from _walk(below, f"{name} {key}")


def _commands(command: click.Command, name: str) -> list[str]:
    return [full for full, _command in _walk(command, name)]


def _locked(path: Path) -> list[str]:
    return re.findall(r"^([a-z0-9_.-]+)==", path.read_text(), re.MULTILINE)


def _licences() -> dict[str, str]:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]*?) \|", (ROOT / "THIRD-PARTY.md").read_text(), re.MULTILINE)
    return dict(rows)
