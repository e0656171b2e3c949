"""The project itself: one version, and nothing in the tree that only one machine understands."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import newsqa

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")

# Spelled in halves, so that this file passes its own test.
REGISTRY_HOST = re.compile("|".join(["py" r"pi\.org", "python" r"hosted\.org", "npm" r"js\.org"]))
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:root|home|work|Users)/\w")


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    """Path and text of every file that git tracks or would track."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what belongs to the project isn't known")
    listing = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = filter(None, listing.stdout.decode().split("\0"))
    contents = [(name, (ROOT / name).read_bytes()) for name in names if (ROOT / name).is_file()]
    return [(name, data.decode(errors="replace")) for name, data in contents if b"\0" not in data]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_version_is_said_once() -> None:
    assert newsqa.__version__ == PYPROJECT["project"]["version"]


def test_every_package_is_pinned_exactly() -> None:
    pins = [line for line in CONSTRAINTS.splitlines() if line and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+", pin)] == []


def test_every_dependency_is_in_the_lock() -> None:
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *itertools.chain.from_iterable(extras)]
    names = {normal(re.split(r"[\[<>=!~; ]", want, maxsplit=1)[0]) for want in wanted}
    pinned = {normal(line.partition("==")[0]) for line in CONSTRAINTS.splitlines()}
    assert sorted(names - pinned - {"newsqa"}) == []


def test_no_registry_hosts(texts: list[tuple[str, str]]) -> None:
    assert [name for name, text in texts if REGISTRY_HOST.search(text)] == []


def test_no_paths_of_one_machine(texts: list[tuple[str, str]]) -> None:
    found = [(name, match.group()) for name, text in texts if (match := MACHINE_PATH.search(text))]
    assert [(name, path) for name, path in found if not name.startswith("seeds/")] == []
