"""The Archive tab in a real browser: a folder, a rebuild, and an archive of several languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import newsqa
from newsqa.config import Serving, Settings
from newsqa.embedding import HashingEncoder
from newsqa.web.rebuilding import parted
from tests.web.conftest import Watched, assert_accessible, watch
from tests.web.test_browser import ask, live, open_narrowing, wait_for_chips

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Start = Callable[..., str]
KEEPER = "The Quillon lighthouse keeper found a bronze bell under the stairs on Sunday."


@pytest.fixture
def see(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open a page that fails the test where it does what it must not do."""
    seen: list[Watched] = []

    def open_page(url: str) -> Page:
        seen.append(watch(browser.new_context(), url))
        seen[-1].page.goto(url)
        seen[-1].page.wait_for_selector("#tabs")
        return seen[-1].page

    yield open_page
    for each in seen:
        each.page.context.close()
        assert each.faults == []


def open_archive(page: Page) -> None:
    page.get_by_role("tab", name="Archive").click()
    page.wait_for_selector(".listed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Articles in folders, two of one name, and something that is none."""
    whole = tmp_path / "drop"
    for way, text in {
        "north/note.txt": f"Quillon keeper finds a bell\n\n{KEEPER}\n",
        "south/note.txt": "Fog in Zirl\n\nFog closed the harbour of Zirl on Monday.\n",
        "south/deep/rain.md": "# Rain in Zirl\n\nRain fell in Zirl for nine hours on Tuesday.\n",
        "picture.png": "no article",
    }.items():
        (whole / way).parent.mkdir(parents=True, exist_ok=True)
        (whole / way).write_text(text, encoding="utf-8")
    return whole


def add(page: Page, *, until: str = "") -> str:
    """Add the files that are chosen; the report that says `until`, once it is there."""
    page.wait_for_selector("#files .file-preview")
    page.click("#add")
    page.locator("#added .report", has_text=until).wait_for()
    return page.inner_text("#added .report")


def test_a_folder_is_chosen_and_files_of_one_name_stay_apart(
    served: Start, see: Callable[[str], Page], folder: Path
) -> None:
    page = see(served())
    open_archive(page)
    page.set_input_files(".folder-input", folder)
    page.get_by_text("3 files taken. 1 of other kinds left out.").wait_for()
    assert "3 added" in add(page)
    # The same folder once more: the same articles.
    page.set_input_files(".folder-input", folder)
    assert "3 unchanged" in add(page, until="3 unchanged")


DROP = """async ([zone, files]) => {
    const entry = (way, text) => {
        const name = way.split("/").pop();
        return text === undefined
            ? { isFile: false, isDirectory: true, fullPath: way, createReader: () => reader(way) }
            : { isFile: true, isDirectory: false, fullPath: way,
                file: (done) => done(new File([text], name, { type: "text/plain" })) };
    };
    const reader = (way) => {
        const within = new Set(Object.keys(files)
            .filter((file) => file.startsWith(`${way}/`))
            .map((file) => way + "/" + file.slice(way.length + 1).split("/")[0]));
        // As a browser does it: in portions, and then none.
        const left = [...within];
        return { readEntries: (done) =>
            done(left.splice(0, 1).map((each) => entry(each, files[each]))) };
    };
    const event = new Event("drop", { bubbles: true, cancelable: true });
    event.dataTransfer = { items: [{ webkitGetAsEntry: () => entry("/drop") }], files: [] };
    document.querySelector(zone).dispatchEvent(event);
}"""


def test_files_of_a_folder_that_can_not_be_taken_are_left_out_by_count(
    served: Start, see: Callable[[str], Page], tmp_path: Path
) -> None:
    whole = tmp_path / "архив"
    # In their names the first 200 bytes are the same.
    deep = whole / ("папка " * 6) / ("ещё одна папка " * 4)
    deep.mkdir(parents=True)
    for name in ("первая.md", "вторая.md"):
        (deep / name).write_text(f"# {name}\n\n{name} fell in Zirl on Tuesday.\n", encoding="utf-8")
    (whole / ".hidden.txt").write_text("hidden", encoding="utf-8")
    (whole / "large.txt").write_text("x" * 2_000_000, encoding="utf-8")
    settings = Settings(serving=Serving(max_upload_bytes=2**20, max_uploads=2))
    page = see(served(settings))
    open_archive(page)
    page.set_input_files(".folder-input", whole)
    page.get_by_text("2 files taken. 1 of more than 1 MB left out.").wait_for()
    assert "2 added" in add(page)
    (deep / "третья.md").write_text("# c\n\nOne too many.\n", encoding="utf-8")
    page.set_input_files(".folder-input", whole)
    page.get_by_text("3 files are more than the 2 that are taken at a time.").wait_for()


def test_a_folder_is_dropped(served: Start, see: Callable[[str], Page], folder: Path) -> None:
    page = see(served())
    open_archive(page)
    files = {
        f"/drop/{file.relative_to(folder)}": file.read_text(encoding="utf-8")
        for file in folder.rglob("*")
        if file.is_file()
    }
    page.wait_for_selector("#files input[type=file]", state="attached")
    page.evaluate(DROP, ["#files button", files])
    assert "3 added" in add(page)
    page.get_by_role("tab", name="Ask").click()
    ask(page, "What did the Quillon lighthouse keeper find?")
    assert "bronze bell" in live(page)


def test_a_folder_dropped_after_it_was_chosen_brings_the_same_articles(
    served: Start, see: Callable[[str], Page], tmp_path: Path
) -> None:
    whole = tmp_path / "drop"
    whole.mkdir()
    text = f"# Bell\n\n{KEEPER}\n"
    (whole / "первая (1).md").write_text(text, encoding="utf-8")
    page = see(served())
    open_archive(page)
    page.set_input_files(".folder-input", whole)
    page.get_by_text("1 files taken.").wait_for()
    assert "1 added" in add(page)
    page.evaluate(DROP, ["#files button", {"/drop/первая (1).md": text}])
    assert "1 unchanged" in add(page, until="1 unchanged")


def test_a_rebuild_reads_its_files_again_and_says_what_it_found(
    served: Start,
    see: Callable[[str], Page],
    folder: Path,
    index: Path,
    encoder: HashingEncoder,
) -> None:
    newsqa.build([folder], index=index, encoder=encoder)
    (folder / "north" / "note.txt").write_text(
        f"Quillon keeper finds a bell\n\n{KEEPER.replace('bronze', 'silver')}\n", encoding="utf-8"
    )
    (folder / "south" / "note.txt").unlink()
    page = see(served())
    open_archive(page)
    page.click("#rebuild summary")
    assert_accessible(page)
    page.get_by_role("button", name="Leave it").click()
    assert not page.locator(".rebuild-yes").is_visible()
    page.click("#rebuild summary")
    page.get_by_role("button", name="Yes, rebuild it").click()
    page.wait_for_selector("#rebuilt .report")
    report = page.inner_text("#rebuilt")
    assert "1 updated · 1 unchanged · 1 skipped" in report
    assert "note.txt" in report
    assert "no problem" in report
    page.get_by_role("tab", name="Ask").click()
    ask(page, "What did the Quillon lighthouse keeper find?")
    assert "silver bell" in live(page)
    ask(page, "What closed the harbour of Zirl?")
    assert "Fog" in live(page)


def test_a_rebuild_brings_in_nothing_that_no_article_came_from(
    index: Path, encoder: HashingEncoder, tmp_path: Path
) -> None:
    file = tmp_path / "note.txt"
    file.write_text(f"Quillon keeper finds a bell\n\n{KEEPER}\n", encoding="utf-8")
    newsqa.build([file], index=index, encoder=encoder)
    private = tmp_path / "private"
    private.mkdir()
    (private / "diary.txt").write_text("Diary\n\nNobody may read this diary.\n", encoding="utf-8")
    file.unlink()
    file.symlink_to(private)
    files, others = parted(
        [str(file), str(private / "diary.txt"), "https://x.example/a", "here.txt"]
    )
    assert files == [str(private / "diary.txt")]
    assert [each.origin for each in others] == [str(file), "https://x.example/a", "here.txt"]


def test_who_only_reads_can_not_rebuild(served: Start, see: Callable[[str], Page]) -> None:
    page = see(served(read_only=True))
    open_archive(page)
    assert page.locator("#rebuild, #folder, #add").count() == 0


def test_languages_narrow_where_there_are_several(
    served: Start, see: Callable[[str], Page], index: Path, encoder: HashingEncoder, tmp_path: Path
) -> None:
    url = served()
    page = see(url)
    open_narrowing(page)
    assert page.get_by_role("button", name="Dates and outlets").count() == 1
    assert not page.locator("#languages").is_visible()
    words = "Zirl harbour fog"
    rows = [
        {"id": "de", "title": f"{words} (DE)", "text": f"{words} Montag.", "language": "de-AT"},
        {"id": "en", "title": f"{words} (EN)", "text": f"{words} Monday.", "language": "English"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    newsqa.build([file], index=index, encoder=encoder)
    page = see(url)
    page.get_by_role("button", name="Dates, outlets and languages").wait_for()
    open_narrowing(page)
    page.locator("#languages input").click()
    page.get_by_role("option", name="German").click()
    page.keyboard.press("Escape")
    wait_for_chips(page, "In German")
    assert_accessible(page)
    ask(page, "What about the Zirl harbour fog?")
    assert "Narrowed: In German" in live(page)
    assert "Searched 1 article" in live(page)
    page.get_by_role("button", name="Remove In German").click()
    page.wait_for_selector("#chips .chip", state="detached")
    ask(page, "What about the Zirl harbour fog?")
    assert "Narrowed" not in live(page)
    assert "Searched 6 articles" in live(page)
