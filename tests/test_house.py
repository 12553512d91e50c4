"""The house keeps its own habits (docs/HOUSE.md): imports, sizes, words that must not appear, templates in use."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import allauth
import crispy_forms
import django
import pytest
from django.conf import settings
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT: Path = settings.BASE_DIR
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LARGEST_MODULE = {"tests": 450, "benchmarks": 450}
LARGEST_OF_THE_PRODUCT = 400
THIRD_PARTIES = [Path(package.__file__).parent for package in (allauth, crispy_forms, django)]
# Django and allauth ask for these by number.
ASKED_FOR_BY_NAME = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}


def our_files(*suffixes: str) -> Iterator[Path]:
    """Every file of the project with one of these endings, but nothing installed, generated or uploaded."""
    for top in sorted(ROOT.iterdir()):
        if top.name in {"var", "node_modules"} or (top.name.startswith(".") and top.name != ".ci"):
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_rooms_import_only_from_the_rooms_before_them(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True, no_logo=True) == EXIT_STATUS_SUCCESS


def test_every_room_has_its_place_in_the_order():
    rooms = [app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()]
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]
    # The wiring and the demo centre are no rooms: they stand above them all.
    assert [layer for layer in reversed(layers) if layer not in ("nvq_portfolio", "fixtures")] == rooms
    assert set(rooms) <= set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert set(rooms) <= set(PROJECT["tool"]["mypy"]["files"])
    assert {*rooms, "nvq_portfolio"} - {"fixtures"} == set(PROJECT["tool"]["coverage"]["run"]["source"])


def test_no_module_is_too_long_to_read():
    written = [path for path in our_files(".py") if path.parent.name != "migrations"]
    lengths = {shown(path): len(path.read_text().splitlines()) for path in written}
    assert {
        name: length
        for name, length in lengths.items()
        if length > LARGEST_MODULE.get(name.partition("/")[0], LARGEST_OF_THE_PRODUCT)
    } == {}


def test_every_dependency_says_why_it_is_here():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    declared = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    silent = [name for name in declared if not any(re.search(rf'"{re.escape(name)}",\s*# \w', line) for line in lines)]
    assert silent == []


def test_every_dependency_is_pinned():
    def name_of(requirement: str) -> str:
        return re.match(r"[A-Za-z0-9-]+", requirement)[0].lower()

    pinned = {
        file: {
            line.split("==")[0].split("[")[0]
            for line in (ROOT / "requirements" / file).read_text().splitlines()
            if "==" in line
        }
        for file in ("base.txt", "dev.txt")
    }
    wanted = {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]}
    assert wanted <= pinned["base.txt"], "run make lock"
    assert wanted | {name_of(requirement) for requirement in PROJECT["dependency-groups"]["dev"]} <= pinned["dev.txt"]


@pytest.mark.parametrize(
    ("word", "suffixes"),
    [
        ("mark" + "_safe", (".py",)),
        ("{% auto" + "escape off", (".html",)),
        ("csrf" + "_exempt", (".py",)),
        # The paths of one machine, and the host that packages come from, have no place in a project.
        ("/ro" + "ot/", (".py", ".sh", ".md", ".toml", ".txt", ".html", ".json", "")),
        ("/wo" + "rk/", (".py", ".sh", ".md", ".toml", ".txt", ".html", ".json", "")),
        ("py" + "pi.org", (".py", ".sh", ".md", ".toml", ".txt", ".html", ".json", "")),
    ],
)
def test_words_that_must_not_appear(word: str, suffixes: tuple[str, ...]):
    assert [shown(path) for path in our_files(*suffixes) if word in path.read_text()] == []


def test_only_the_form_pack_trusts_what_it_is_given():
    """Help texts and layouts are written by us in Python, and crispy-forms hands them over as HTML."""
    trusting = [path for path in our_files(".html") if re.search(r"\|\s*safe\b", path.read_text())]
    assert [shown(path) for path in trusting if ROOT / "templates" / "nvq" not in path.parents] == []


def test_no_module_is_named_for_nothing():
    nameless = {"utils", "helpers", "misc", "common", "services", "managers"}
    assert [shown(path) for path in our_files(".py") if nameless & {path.stem, path.parent.name}] == []


def is_asked_for_by_others(name: str) -> bool:
    """Whether a package that we use has a template of this name, or builds the name: ours then stands in for it."""
    # allauth asks for a variant of an element first, as in button__primary.html, and for mail in HTML beside its text.
    plain = re.sub(r"__\w+\.html$", ".html", name)
    names = [name, plain, re.sub(r"_message\.html$", "_message.txt", name)]
    if any(next(folder.rglob(f"templates/{known}"), None) for folder in THIRD_PARTIES for known in names):
        return True
    # crispy-forms asks for "%s/field.html" of the template pack.
    pack, _, rest = name.partition("/")
    return pack == settings.CRISPY_TEMPLATE_PACK and any(
        f"/{rest}" in path.read_text()
        for pattern in ("*.py", "*.html")
        for path in Path(crispy_forms.__file__).parent.rglob(pattern)
    )


def test_every_template_is_used():
    folders = [ROOT / "templates", *(ROOT / app / "templates" for app in settings.INSTALLED_APPS)]
    templates = {
        path.relative_to(folder).as_posix(): path for folder in folders for path in folder.rglob("*") if path.is_file()
    }
    files = our_files(".py", ".html", ".txt")
    sources = {path: path.read_text() for path in files if path.relative_to(ROOT).parts[0] != "tests"}
    unused = [
        name
        for name, own in templates.items()
        if name not in ASKED_FOR_BY_NAME
        and not any(name in source for path, source in sources.items() if path != own)
        and not is_asked_for_by_others(name)
    ]
    assert unused == []
