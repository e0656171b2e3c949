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
    page.wait_for_selector(f"#live #turn-{before + 1}[aria-busy=false]")


def look_for(page: Page, words: str) -> None:
    """Find articles in the Archive tab."""
    page.locator("#find textarea, #find input").fill(words)
    page.locator("#find textarea, #find input").press("Enter")
    page.get_by_text("best match first").wait_for()


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


def chips(page: Page) -> list[str]:
    return page.locator("#chips .chip bdi").all_inner_texts()


def wait_for_chips(page: Page, *expected: str) -> None:
    page.wait_for_function(
        "all => [...document.querySelectorAll('#chips .chip bdi')].map(c => c.innerText).join('|')"
        " === all",
        arg="|".join(expected),
    )


def test_narrowing_by_date_and_outlet(page: Page) -> None:
    open_narrowing(page)
    page.fill("#as-of input", "2024-03-15")
    wait_for_chips(page, "As of 15 March 2024")
    ask(page, PAY)
    assert "Narrowed: As of 15 March 2024" in live(page)
    assert "nine percent" in live(page)
    assert "six percent" not in live(page)
    assert "days before your as-of date" in page.inner_text("#live .card")
    assert page.locator("#dates .date span").all_inner_texts()[0].startswith("As of")

    page.get_by_role("button", name="Remove As of 15 March 2024").click()
    page.wait_for_function("document.querySelector('#as-of input').value === ''")
    page.locator("#outlets input").click()
    page.get_by_role("option", name="Harbour Gazette").click()
    page.keyboard.press("Escape")
    wait_for_chips(page, "Harbour Gazette")
    ask(page, PAY)
    assert "Narrowed: Harbour Gazette" in live(page)
    assert "six percent" in live(page)
    outlets = page.locator("#live .card .outlet").all_inner_texts()
    assert set(outlets) == {"Harbour Gazette"}

    page.fill("#since input", "2024-03-20")
    page.fill("#until input", "2024-03-10")
    wait_for_chips(page, "From 20 March 2024", "Until 10 March 2024", "Harbour Gazette")
    ask(page, PAY)
    assert "after until" in page.inner_text("#live .problem")
    page.click("#chips .all")
    page.wait_for_function("document.querySelector('#since input').value === ''")
    page.wait_for_selector("#chips .chip", state="detached")
    ask(page, PAY)
    assert "Narrowed" not in live(page)


def test_a_refusal_within_bounds_is_asked_of_the_whole_archive(page: Page) -> None:
    open_narrowing(page)
    page.fill("#until input", "2024-01-10")
    wait_for_chips(page, "Until 10 January 2024")
    ask(page, PAY)
    assert page.locator("#live .refusal").count() == 1
    page.get_by_role("button", name="Ask the whole archive").click()
    page.wait_for_selector("#live .card")
    assert "Narrowed" not in live(page)
    assert chips(page) == []
    assert page.input_value("#until input") == ""


def test_a_span_of_time_is_chosen_on_the_plot(page: Page) -> None:
    ask(page, "What is reported about the Ostrow ferry pilots and the bridge?")
    page.wait_for_selector("#live .bar.cited")
    bars = page.locator("#live .bar:not([disabled])")
    assert bars.count() > 1
    since = bars.first.get_attribute("data-since")
    until = bars.last.get_attribute("data-until")
    first, last = bars.first.bounding_box(), bars.last.bounding_box()
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + 2, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 2, last["y"] + 20, steps=5)
    page.mouse.up()
    page.wait_for_selector("#live #turn-2[aria-busy=false]")
    open_narrowing(page)
    assert page.input_value("#since input") == since
    assert page.input_value("#until input") == until
    page.click("#narrow > button")
    assert "Narrowed: From" in live(page)
    assert len(chips(page)) == 2
    # By keyboard, one bar.
    page.wait_for_selector("#live .bar.cited")
    page.locator("#live .bar:not([disabled])").first.focus()
    page.keyboard.press("ArrowRight")
    chosen = page.evaluate("document.activeElement.dataset.since")
    page.keyboard.press("Enter")
    page.wait_for_selector("#live #turn-3[aria-busy=false]")
    open_narrowing(page)
    page.wait_for_function("d => document.querySelector('#since input').value === d", arg=chosen)


def test_what_was_inferred_is_taken_back(page: Page) -> None:
    ask(page, COST)
    ask(page, "and who said that in February 2024?")
    assert "follow-up" in page.inner_text("#live .understood")
    assert "is read as 2024-02-01 to 2024-02-29" in page.inner_text("#live .understood")
    page.click("#live .again[data-ignore='follow-up']")
    page.wait_for_selector("#live #turn-3[aria-busy=false]")
    assert "follow-up" not in live(page)
    page.click("#live .again[data-since]")
    page.wait_for_selector("#live #turn-4[aria-busy=false]")
    assert page.locator("#live .understood").count() == 0
    assert chips(page) == ["From 1 February 2024", "Until 29 February 2024"]
    page.locator("#live .turn").hover()
    page.get_by_role("button", name="Edit this question").last.click()
    page.wait_for_function(
        "document.querySelector('#question textarea').value.includes('in February 2024?')"
    )


def test_a_follow_up_is_asked_in_the_readers_own_wording(page: Page) -> None:
    ask(page, COST)
    ask(page, "and who said that?")
    page.click("#live .reword summary")
    field = page.locator("#live .reword input")
    assert field.input_value() in page.inner_text("#live .understood")
    field.fill("How many percent is the rise of the ferry pilots?")
    field.press("Enter")
    page.wait_for_selector("#live #turn-3[aria-busy=false]")
    assert page.inner_text("#live .question") == "How many percent is the rise of the ferry pilots?"
    assert "follow-up" not in live(page)
    # What was asked so is what the next question leans on.
    ask(page, "and who said so?")
    assert "ferry pilots" in page.inner_text("#live .understood")


def test_a_next_question_is_one_that_the_archive_answers(page: Page) -> None:
    ask(page, COST)
    page.wait_for_selector("#live .next")
    offered = page.locator("#live .next").first.inner_text()
    page.locator("#live .next").first.click()
    page.wait_for_selector("#live #turn-2[aria-busy=false]")
    assert page.inner_text("#live .question") == offered
    assert page.locator("#live .card").count() >= 1


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
    assert "Quillon keeper finds a bell" in report
    assert "1 added · 1 skipped" in report
    assert "picture.txt" in report
    assert str(tmp_path) not in report
    page.get_by_role("tab", name="Ask").click()
    ask(page, question)
    assert "bronze bell" in live(page)

    page.get_by_role("tab", name="Archive").click()
    look_for(page, "Quillon lighthouse bell")
    row = page.locator(".listed > li", has_text="Quillon keeper")
    row.locator(".open").click()
    page.wait_for_selector(".source")
    assert "bronze bell" in page.inner_text(".source-text")
    page.keyboard.press("Escape")
    row.get_by_text("Remove …").click()
    row.get_by_role("button", name="Keep it").click()
    assert row.count() == 1
    row.get_by_text("Remove …").click()
    row.get_by_role("button", name="Yes, remove it").click()
    page.wait_for_selector("#removed .report")
    assert "1 removed" in page.inner_text("#removed .report")
    row.wait_for(state="detached")
    page.get_by_role("tab", name="Ask").click()
    ask(page, question)
    assert page.locator("#live .refusal").count() == 1
    assert "bronze bell" not in live(page)


def test_the_archive_is_looked_through_and_read(page: Page) -> None:
    page.get_by_role("tab", name="Archive").click()
    page.wait_for_selector(".listed")
    titles = page.locator(".listed .title").all_inner_texts()
    assert titles[0] == "Ferry pilots end strike"
    assert "4 articles, newest first" in page.inner_text("#list")
    page.locator("#of-outlet input").click()
    page.get_by_role("option", name="Hill Courier").click()
    page.wait_for_function("document.querySelectorAll('.listed > li').length === 1")
    page.click(".listed .open")
    page.wait_for_selector(".source")
    assert "Ferry pilots in Ostrow went on strike" in page.inner_text(".source-text")
    assert "Open at courier.example" in page.inner_text(".source header")
    page.click(".reader-back")
    assert not page.locator(".reader").is_visible()
    assert page.evaluate("document.activeElement.matches('.listed .open')")


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
    page.click("#live a.mark >> nth=0")
    opened(page, "1")
    assert "onerror" in page.inner_text(".source mark.here")
    assert "onerror" in page.inner_text(".source h2")
    assert "onerror" in page.inner_text(".reader-bar")
    page.keyboard.press("Escape")
    assert "onerror" in page.inner_text("#chips .chip")
    assert "onerror" in page.get_attribute("#chips .chip .drop", "aria-label")
    page.get_by_role("tab", name="Archive").click()
    look_for(page, "Zanzig whistle")
    row = page.locator(".listed > li", has_text="Zanzig").first
    assert "onerror" in row.inner_text()
    row.locator(".open").click()
    page.wait_for_selector(".source")
    page.keyboard.press("Escape")
    assert (
        page.locator(
            "img[src=x], svg[onload], .turn script, .source script, .listed script"
        ).count()
        == 0
    )
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
