"""The page in a real browser, over a real index.  Each page is watched: see conftest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COST = "What did the Ostrow bridge repairs cost?"
PAY = "How many percent is the rise of the ferry pilots?"


def ask(page: Page, question: str) -> None:
    """Ask and wait until the answer is complete."""
    before = page.locator(".turn").count()
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.wait_for_function(
        "n => document.querySelectorAll('.turn[aria-busy=false]').length > n", arg=before
    )


def open_narrowing(page: Page) -> None:
    """Open the panel and wait until its date fields listen: nobody types within milliseconds."""
    page.click("#narrow > button")
    for name in ("as-of", "since", "until"):
        page.wait_for_selector(f"#{name}[data-ready], #{name} [data-ready]", state="attached")


# The quoted words are within the part of the article that is seen.
IN_SIGHT = """() => {
    const pane = document.querySelector(".reader-body").getBoundingClientRect();
    const mark = document.querySelector(".source mark.here").getBoundingClientRect();
    return mark.top >= pane.top && mark.bottom <= pane.bottom;
}"""


def opened(page: Page, number: str) -> None:
    """Wait until the source of a mark is beside the chat."""
    page.wait_for_selector(f".source mark.here[data-number='{number}']")
    page.wait_for_selector("#reader .loading", state="detached")


def live(page: Page) -> str:
    return page.locator("#live .turn").inner_text()


def test_the_first_screen_says_what_the_archive_holds_and_what_to_ask(page: Page) -> None:
    assert re.search(r"\d articles · 3 outlets · 15 January – ", page.inner_text(".masthead"))
    page.wait_for_selector(".example")
    example = page.locator(".example", has_text="mayor")
    example.click()
    page.wait_for_selector("#live .card")
    assert "Ana Lindqvist" in live(page)
    assert page.locator(".welcome").count() == 0


def test_an_answer_streams_and_its_marks_lead_to_its_quotes(page: Page) -> None:
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
              const turn = document.querySelector("#live .turn");
              if (turn) window.seen.push(turn.getAttribute("aria-busy"));
            }).observe(document.body, {subtree: true, childList: true, attributes: true});
        }"""
    )
    ask(page, COST)
    assert "true" in page.evaluate("window.seen")
    assert "12 million crowns" in page.inner_text("#live .prose-text")
    assert "upported" in page.inner_text("#live .support")
    page.click("#live .support")
    assert "Confidence 0." in page.inner_text("#live .why")

    sentences = page.locator("#live .sentence")
    cards = page.locator("#live .card")
    assert sentences.count() >= 1
    assert [cards.nth(n).locator(".number").inner_text() for n in range(cards.count())] == [
        str(n + 1) for n in range(cards.count())
    ]
    for n in range(sentences.count()):
        said = " ".join(re.sub(r"(\[\d+\])+$", "", sentences.nth(n).inner_text()).split())
        marks = sentences.nth(n).locator("a.mark")
        assert marks.count() >= 1
        for at in range(marks.count()):
            number = marks.nth(at).inner_text().strip("[]")
            marks.nth(at).click()
            opened(page, number)
            quote = page.locator(f"#live .card[data-cite='{number}'] mark").inner_text()
            assert said in " ".join(quote.split())
            assert page.locator(".source mark.here").inner_text() == quote
            assert page.evaluate(IN_SIGHT)
            assert "lit" in (sentences.nth(n).get_attribute("class") or "")
            assert page.evaluate("document.activeElement.matches('.source h2')")
    assert "Harbour Gazette · 1 February 2024" in page.inner_text(".reader-bar")
    assert "By Ida Brandt" in page.inner_text(".source header")
    page.keyboard.press("Escape")
    assert not page.locator(".reader").is_visible()
    assert page.evaluate("document.activeElement.matches('a.mark')")
    first = cards.first
    assert "Harbour Gazette" in first.inner_text()
    assert "1 February 2024" in first.inner_text()
    assert "By Ida Brandt" in first.inner_text()
    link = first.locator("h4 a")
    assert link.get_attribute("href") == "https://gazette.example/2024/02/01/bridge"
    assert "noopener" in (link.get_attribute("rel") or "")


def test_a_card_and_its_sentences_light_up_together(page: Page) -> None:
    ask(page, COST)
    page.hover("#live .card[data-cite='1']")
    page.wait_for_selector("#live .sentence.lit[data-cites~='1']")
    page.hover("#live .sentence[data-cites~='1']")
    page.wait_for_selector("#live .card.lit[data-cite='1']")


def test_an_answer_is_copied_with_its_citations(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    try:
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".welcome")
        ask(page, COST)
        for name, expected in (
            ("As text", "“The repairs of the Ostrow bridge cost 12 million crowns"),
            ("As Markdown", "[^1]: [Ostrow bridge reopens after two years](<https://gazette"),
            ("Sources as BibTeX", "@article{harbourgazette2024ostrow,"),
            ("Sources as CSL-JSON", '"container-title": "Harbour Gazette"'),
        ):
            page.click("#live .copying summary")
            page.get_by_role("button", name=name).click()
            page.get_by_text("Copied").wait_for()
            assert expected in page.evaluate("navigator.clipboard.readText()")
    finally:
        context.close()


def test_what_is_not_there_is_refused_honestly(page: Page) -> None:
    ask(page, "Who invented the xylophone quartet in Peru?")
    shown = live(page)
    assert "does not hold an answer" in shown
    assert re.search(r"Searched \d articles, 15 January – ", shown)
    assert page.locator("#live .nearest li").count() >= 1
    assert page.locator("#live .card").count() == 0


def test_narrowing_by_date_and_outlet(page: Page) -> None:
    open_narrowing(page)
    page.fill("#as-of input", "2024-03-15")
    ask(page, PAY)
    assert "Narrowed: as of 2024-03-15" in live(page)
    assert "nine percent" in live(page)
    assert "six percent" not in live(page)

    page.fill("#as-of input", "")
    page.locator("#outlets input").click()
    page.get_by_role("option", name="Harbour Gazette").click()
    page.keyboard.press("Escape")
    ask(page, PAY)
    assert "Narrowed: Harbour Gazette" in live(page)
    assert "six percent" in live(page)
    outlets = page.locator("#live .card .outlet").all_inner_texts()
    assert set(outlets) == {"Harbour Gazette"}
    assert "Narrowed: Harbour Gazette" in page.inner_text("#narrow > button")

    page.click("#widen")
    page.wait_for_function("!document.querySelector('#narrow > button').innerText.includes(':')")
    page.fill("#since input", "2024-03-20")
    page.fill("#until input", "2024-03-10")
    ask(page, PAY)
    assert "after until" in page.inner_text("#live .problem")
    page.click("#widen")
    page.wait_for_function("document.querySelector('#since input').value === ''")
    ask(page, PAY)
    assert "Narrowed" not in live(page)


def test_a_conversation_goes_on_and_is_forgotten_when_asked(page: Page) -> None:
    ask(page, COST)
    ask(page, "and who said that?")
    assert "follow-up" in live(page)
    assert page.locator("#past .turn").count() == 1
    page.click("#clear")
    page.wait_for_selector(".welcome")
    assert page.locator(".turn").count() == 0
    ask(page, "and who said that?")
    assert "follow-up" not in live(page)


def test_two_users_have_their_own_conversations(page: Page, browser: Browser, address: str) -> None:
    ask(page, COST)
    other = browser.new_context()
    try:
        second = other.new_page()
        second.goto(address)
        second.wait_for_selector(".welcome")
        assert second.locator(".turn").count() == 0
        ask(second, "and who said that?")
        assert "follow-up" not in second.inner_text("#live .turn")
    finally:
        other.close()
    assert page.locator(".turn").count() == 1


def test_an_article_is_added_asked_about_removed_and_gone(page: Page, tmp_path: Path) -> None:
    question = "What did the Quillon lighthouse keeper find?"
    added = tmp_path / "quillon <b>.txt"
    added.write_text(
        "Quillon keeper finds a bell\n\n"
        "The Quillon lighthouse keeper found a bronze bell under the stairs on Sunday. "
        "Nobody in Quillon knows how the bell came to stand there.\n",
        encoding="utf-8",
    )
    useless = tmp_path / "picture.txt"
    useless.write_bytes(b"\x00\x01\x02" * 100)

    ask(page, question)
    assert page.locator("#live .refusal").count() == 1
    page.get_by_role("tab", name="Archive").click()
    page.set_input_files("#files input[type=file]", [added, useless])
    page.get_by_text("picture.txt").or_(page.get_by_text("picture")).first.wait_for()
    page.click("#add")
    page.wait_for_selector("#added .report")
    report = page.inner_text("#added .report")
    assert "1 added · 1 skipped" in report
    assert "picture.txt" in report
    assert str(tmp_path) not in report
    page.get_by_role("tab", name="Ask").click()
    ask(page, question)
    assert "bronze bell" in live(page)

    page.get_by_role("tab", name="Archive").click()
    page.locator("#find textarea, #find input").fill("Quillon lighthouse bell")
    page.locator("#find textarea, #find input").press("Enter")
    page.locator("#found label", has_text="Quillon").click()
    page.wait_for_selector(".preview")
    assert "bronze bell" in page.inner_text(".preview")
    page.click("#remove")
    page.click("#remove-no")
    page.click("#remove")
    page.click("#remove-yes")
    page.wait_for_selector("#removed .report")
    assert "1 removed" in page.inner_text("#removed .report")
    page.get_by_role("tab", name="Ask").click()
    ask(page, question)
    assert page.locator("#live .refusal").count() == 1
    assert "bronze bell" not in live(page)


def test_a_path_that_is_not_there_is_told_and_kept_for_mending(page: Page) -> None:
    page.get_by_role("tab", name="Archive").click()
    page.click("#add")
    page.wait_for_selector("#added .problem")
    page.fill("#places textarea", "/no/such/folder")
    page.click("#add")
    page.wait_for_function("document.querySelector('#added').innerText.includes('/no/such/folder')")


def test_hostile_strings_are_words_and_nothing_else(page: Page) -> None:
    nasty = "<img src=x onerror=alert(1)> ${alert(2)} {{alert(3)}} Who recalled the Zanzig whistle?"
    page.click("#narrow > button")
    page.locator("#outlets input").click()
    page.get_by_role("option", name=re.compile("Odd Outlet")).click()
    page.keyboard.press("Escape")
    ask(page, nasty)
    assert nasty in page.inner_text("#live .question")
    page.wait_for_selector("#live .card")
    assert "onerror" in page.inner_text("#live .card mark")
    assert "onerror" in page.inner_text("#live .card h4")
    assert page.locator("#live .card h4 a").count() == 0
    assert "onerror" in page.inner_text("#narrow > button")
    page.get_by_role("tab", name="Archive").click()
    page.locator("#find textarea, #find input").fill("Zanzig whistle")
    page.locator("#find textarea, #find input").press("Enter")
    page.locator("#found label", has_text="Zanzig").first.click()
    page.wait_for_selector(".preview")
    assert page.locator("img[src=x], svg[onload], .turn script, .preview script").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0
    page.wait_for_timeout(200)  # for what would run late; the page's watcher would have seen it


def test_stopping_keeps_the_question_and_gives_the_box_back(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    import newsqa

    whole = newsqa.NewsQA.stream

    def slow(*given: object, **options: object) -> object:
        for step in whole(*given, **options):  # type: ignore[arg-type]
            yield step
            time.sleep(0.7)

    monkeypatch.setattr(newsqa.NewsQA, "stream", slow)
    page.locator("#question textarea").fill(COST)
    page.locator("#question textarea").press("Enter")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_selector("#live .problem")
    assert "Stopped" in page.inner_text("#live .problem")
    monkeypatch.undo()
    page.get_by_role("button", name="Ask", exact=True).wait_for()
    ask(page, COST)
    assert "12 million crowns" in live(page)
    assert page.locator("#past .turn").count() == 1


def test_it_fits_a_phone(phone: Page) -> None:
    ask(phone, COST)
    answer = phone.locator("#live .prose-text").bounding_box()
    card = phone.locator("#live .card").first.bounding_box()
    assert answer is not None
    assert card is not None
    assert card["y"] > answer["y"] + answer["height"]
    phone.click("#narrow > button")
    phone.get_by_role("tab", name="Archive").click()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
