"""The page without a browser: it can be built, and what its events do."""

from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import gradio as gr
import pytest

import newsqa
from newsqa.config import Reading
from newsqa.embedding import HashingEncoder
from newsqa.errors import IndexBusy, IndexNotFound, InputError, ReaderError
from newsqa.types import Answer, Progress
from newsqa.web.accounts import hash_password
from newsqa.web.archive import Archive
from newsqa.web.asking import answer_turn, in_words
from newsqa.web.candidates import SCANNED, candidates, counted, people, things
from newsqa.web.conversation import KEPT, Conversation
from newsqa.web.examples import Examples
from newsqa.web.holdings import holdings, in_a_line, report, welcome
from newsqa.web.listing import PAGE, Listing, show_list
from newsqa.web.names import is_local
from newsqa.web.serving import serve, usable_port
from newsqa.web.turns import Bounds, Turn

PERSON = "Who is the mayor?"
COST = "What did the Ostrow bridge repairs cost?"


def last(turns: Iterator[Turn]) -> Turn:
    *_, turn = turns
    return turn


def test_importing_it_does_not_import_gradio() -> None:
    code = "import sys, newsqa.web; assert 'gradio' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_app_is_built_with_our_looks_and_no_outside_font(
    index: Path, encoder: HashingEncoder
) -> None:
    from newsqa.web import create_app
    from newsqa.web.assets import theme

    app = create_app(index, encoder=encoder)
    assert isinstance(app, gr.Blocks)
    assert not app.analytics_enabled
    assert theme()._stylesheets == []
    assert theme()._font_css == []


def test_read_only_has_nothing_that_changes_the_archive(
    index: Path, encoder: HashingEncoder
) -> None:
    from newsqa.web import create_app

    def elements(read_only: bool) -> set[str | None]:
        app = create_app(index, encoder=encoder, read_only=read_only)
        return {getattr(block, "elem_id", None) for block in app.blocks.values()}

    changing = {"files", "places", "add"}
    assert changing <= elements(False)
    assert not changing & elements(True)


def test_removing_is_not_even_offered_where_the_page_only_reads(qa: newsqa.NewsQA) -> None:
    with gr.Blocks():
        reading, changing = Archive(qa, read_only=True), Archive(qa, read_only=False)
    assert "Remove" in changing.look("", "")
    assert "Remove" not in reading.look("", "")
    assert "bridge reopens" in reading.look("", "")


def test_the_list_has_pages_and_follows_the_archive(qa: newsqa.NewsQA) -> None:
    rows = [
        {"id": f"r{n}", "title": f"Fog {n}", "text": f"Fog of day {n}.", "published": "2023-01-01"}
        for n in range(PAGE)
    ]
    qa.add(rows)
    listing = Listing(qa)
    first, second = listing.page(), listing.page(1)
    assert first.total == second.total == PAGE + 4
    assert first.articles[0].title == "Ferry pilots end strike"
    assert len(first.articles) == PAGE
    assert len(second.articles) == 4
    assert listing.page(99).page == 1
    assert listing.page(-5).page == 0
    assert "Next" in show_list(first, removable=True)
    found = listing.page(words="ferry pilots strike", outlet="Hill Courier")
    assert [each.article_id for each in found.articles] == ["strike"]
    assert "No article" in show_list(listing.page(words="ferry", outlet="None"), removable=False)
    qa.remove("deal")
    assert listing.page().articles[0].article_id == "strike"


def test_the_list_reads_no_article_that_it_does_not_show(
    qa: newsqa.NewsQA, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"r{n}", "title": "Fog", "text": f"Fog of day {n}."} for n in range(3 * PAGE)]
    qa.add(rows)
    read: list[object] = []
    real = newsqa.indexing.reading.read_article
    monkeypatch.setattr(
        "newsqa.indexing.reading.read_article", lambda row: read.append(row) or real(row)
    )
    assert len(Listing(qa).page(1).articles) == PAGE
    assert len(read) == PAGE


def test_it_starts_with_nothing_but_loopback_reachable(index: Path, tmp_path: Path) -> None:
    script = tmp_path / "start.py"
    script.write_text(
        """
import sys

def refuse(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        assert args[1][0] in ("127.0.0.1", "::1", "localhost"), f"a connection to {args[1]}"
    if event == "socket.getaddrinfo":
        assert args[0] in (None, "127.0.0.1", "::1", "localhost"), f"a look-up of {args[0]}"

sys.addaudithook(refuse)
from newsqa.embedding import HashingEncoder
from newsqa.web import create_app
app = create_app(sys.argv[1], encoder=HashingEncoder(256))
_, url, share = app.launch(prevent_thread_lock=True)
assert share is None, share
import urllib.request
assert b"newsqa" in urllib.request.urlopen(url).read()
app.close(verbose=False)
""",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script), str(index)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(newsqa.__file__).parents[1])},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


def test_a_missing_index_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match="newsqa build"):
        serve(index=tmp_path / "none")


def test_a_reading_model_that_can_not_be_loaded_is_refused_at_the_start(
    index: Path, tmp_path: Path
) -> None:
    from newsqa.web import create_app

    missing = newsqa.Settings(reading=Reading(model=str(tmp_path / "none.safetensors")))
    with pytest.raises(ReaderError, match=r"none\.safetensors"):
        create_app(index, encoder=HashingEncoder(256), settings=missing)


def test_serving_passes_settings_on_and_leaves_the_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: dict[str, object] = {}
    launched: dict[str, object] = {}
    told: list[str] = []

    class App:
        def launch(self, **options: object) -> tuple[None, str, None]:
            launched.update(options)
            return None, "http://127.0.0.1:7861/", None

        def block_thread(self) -> None:
            pass

    def create_app(index: object, **options: object) -> App:
        made.update(options)
        return App()

    monkeypatch.setattr("newsqa.web.page.create_app", create_app)
    settings = newsqa.Settings()
    serve(settings=settings, host="0.0.0.0", without_login=True)
    assert made["read_only"] is True
    assert launched["any_name"] is True
    serve(settings=settings, ready=told.append, root_path="news/", feedback="f.jsonl")
    assert made == {
        "settings": settings, "read_only": True, "mcp": False, "feedback": "f.jsonl"
    }  # fmt: skip
    assert launched["root_path"] == "/news"
    assert launched["auth"] is None
    assert launched["any_name"] is True
    serve(root_path="/")
    assert (launched["root_path"], launched["any_name"], made["read_only"]) == (None, True, True)
    serve(root_path="/", read_only=False)
    assert made["read_only"] is False
    monkeypatch.setenv("NEWSQA_ACCOUNTS", f"ida:{hash_password('a long password')}")
    serve(root_path="/news")
    assert made["read_only"] is False
    monkeypatch.delenv("NEWSQA_ACCOUNTS")
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/news")
    serve()
    assert (launched["root_path"], launched["any_name"], made["read_only"]) == ("/news", True, True)
    monkeypatch.delenv("GRADIO_ROOT_PATH")
    serve()
    assert (launched["any_name"], made["read_only"]) == (False, False)
    assert told == ["http://127.0.0.1:7861/"]
    assert capsys.readouterr() == ("", "")


def test_a_port_that_was_asked_for_is_not_replaced() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} of 127.0.0.1 is taken"):
            usable_port("127.0.0.1", port)
    assert usable_port("127.0.0.1", port) == port


def test_a_taken_default_port_gives_way_to_the_next_free_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr("newsqa.web.serving.PORT", port)
        assert port < usable_port("127.0.0.1", port) <= port + 20


def test_what_can_not_be_a_port_or_a_host_is_refused() -> None:
    with pytest.raises(InputError, match="1 to 65535"):
        usable_port("127.0.0.1", 0)
    with pytest.raises(InputError, match="can't be served on"):
        usable_port("no such host.invalid", 8000)


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("[::1]", True),
     ("127.1.2.3", True), ("LOCALHOST.", True), ("localhost.example", False),
     ("0.0.0.0", False), ("::", False), ("", False), ("192.0.2.1", False), ("news.example", False)],
)  # fmt: skip
def test_what_other_machines_reach_is_known(host: str, local: bool) -> None:
    assert is_local(host) is local


def test_a_turn_goes_on_step_by_step_to_an_answer(qa: newsqa.NewsQA) -> None:
    turns = list(answer_turn(qa, COST, (), Bounds()))
    assert not turns[0].over
    found = len(qa.search(COST, 8))
    assert found > 1
    steps = [turn.steps for turn in turns if turn.answer is None and not turn.text]
    assert steps == [
        (),
        ("Searching 4 articles",),
        ("Searching 4 articles", f"Reading {found} passages"),
    ]
    answered, beyond = turns[-2:]
    assert answered.answer is not None
    assert answered.answer.status == "answered"
    assert "12 million crowns" in answered.text
    assert [turn.over for turn in turns[:-2]] == [False] * (len(turns) - 2)
    assert beyond.answer == answered.answer
    for question in beyond.next:
        assert qa.ask(question, [answered.answer]).status == "answered"
        assert question != COST


def test_earlier_answers_are_passed_on(qa: newsqa.NewsQA) -> None:
    first = last(answer_turn(qa, COST, (), Bounds()))
    second = last(answer_turn(qa, "and who said that?", (first,), Bounds()))
    assert second.number == 2
    assert second.answer is not None
    assert second.answer.query.why
    assert second.steps[:2] == (" ".join(second.answer.query.why), "Searching 4 articles")


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (Bounds(as_of="an unfinished date"), "is not a date"),
        (Bounds(since="2024-05-01", until="2024-04-01"), "is after until"),
    ],
)
def test_bounds_that_make_no_sense_are_told_in_words(
    qa: newsqa.NewsQA, bounds: Bounds, said: str
) -> None:
    turn = last(answer_turn(qa, "What happened?", (), bounds))
    assert turn.answer is None
    assert said in (turn.problem or "")


def test_what_is_unexpected_is_logged_and_not_shown(
    qa: newsqa.NewsQA, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> Iterator[Progress | str | Answer]:
        yield Progress(step="search", total=3)
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(qa, "stream", broken)
    turn = last(answer_turn(qa, "What happened?", (), Bounds()))
    assert "secret detail" not in (turn.problem or "")
    assert "went wrong" in (turn.problem or "")
    assert "secret detail" in caplog.text


def test_a_busy_archive_is_told_as_such() -> None:
    assert "Another change" in in_words(IndexBusy("locked"))


def test_examples_are_questions_that_the_archive_answers(qa: newsqa.NewsQA) -> None:
    drawn = Examples(qa).get()
    assert drawn
    assert len(drawn) == len(set(drawn)) <= 4
    assert PERSON in drawn


def test_what_is_counted_is_asked_only_where_the_sentence_is_whole(qa: newsqa.NewsQA) -> None:
    article = qa.article("bridge")
    assert article is not None
    text = "In all 14 passengers were injured. Later 3 people were taken to hospital."
    found = list(counted([dataclasses.replace(article, text=text)]))
    assert [(each.question, each.name) for each in found] == [
        ("How many passengers were injured?", "14")
    ]


def test_no_article_keeps_the_examples_busy_for_long(qa: newsqa.NewsQA) -> None:
    article = qa.article("bridge")
    assert article is not None
    assert [found.question for found in people([article])] == [PERSON]
    long = (
        "A" * 200_000,
        "Aa " * 70_000,
        "The A" * 40_000,
        "The Aa-" * 30_000,
        "Aa Bb, who " * 20_000,
    )
    started = time.thread_time()
    for text in long:
        endless = dataclasses.replace(article, text=f"{text}{article.text}")
        # What stands further down than is looked at is not found.
        assert len(text) > SCANNED
        assert list(people([endless])) == []
        list(candidates([endless, endless]))
        list(things([endless, endless]))
    assert time.thread_time() - started < 5.0


def test_an_empty_archive_has_no_examples_and_says_so(
    tmp_path: Path, encoder: HashingEncoder
) -> None:
    newsqa.build([], index=tmp_path / "empty", encoder=encoder)
    with newsqa.NewsQA.open(tmp_path / "empty", encoder=encoder) as qa:
        assert Examples(qa).get() == ()
        assert in_a_line(qa.info()) == "The archive is empty"
        assert "Archive tab" in welcome(qa.info(), read_only=False)
        assert "Articles" in holdings(qa.info())


def test_it_says_how_fresh_an_archive_is_and_its_languages_where_it_has_several(
    qa: newsqa.NewsQA,
) -> None:
    info = dataclasses.replace(
        qa.info(), changed=datetime(2024, 6, 1, tzinfo=UTC), languages={"en": 2000, "xx": 3}
    )
    fresh = "Newest article: 22 March 2024 · Last changed: 1 June 2024"
    assert fresh in welcome(info, read_only=True)
    assert "English 2,000, xx 3" in holdings(info)
    assert "Languages" not in holdings(dataclasses.replace(info, languages={"en": 1}))
    bare = dataclasses.replace(info, latest=None, changed=None)
    assert "fresh" not in welcome(bare, read_only=True)


def test_a_report_tells_what_was_skipped_and_why() -> None:
    skip = newsqa.Skip(origin="upload:<b>notes.txt", reason="too <i>short")
    shown = report(newsqa.BuildReport(added=("a", "b"), skipped=(skip,)))
    assert "2 added · 1 skipped" in shown
    assert "upload:&lt;b&gt;notes.txt" in shown
    assert "<i>" not in shown


def upload(archive: Archive, folder: Path, files: dict[str, str]) -> str:
    """Add files as the server hands them over, in a folder that is new each time."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    shown, *_ = archive.adding.add(
        [str(folder / name) for name in files], "", bar=lambda *_, **__: None
    )
    assert isinstance(shown, str)
    assert str(folder) not in shown
    return shown


def test_a_file_uploaded_again_is_the_same_article(qa: newsqa.NewsQA, tmp_path: Path) -> None:
    with gr.Blocks():
        archive = Archive(qa, read_only=False)
    before = qa.info().articles
    note = "Bell found\n\nThe Quillon keeper found a bronze bell under the {} on Sunday.\n"
    rows = '{{"title": "Fog", "text": "Fog {}."}}\n{{"id": "own", "text": "Rain {}."}}\n'
    first = upload(
        archive,
        tmp_path / "a",
        {
            "note.txt": note.format("stairs"),
            "rows.jsonl": rows.format("came", "fell"),
            "b.txt": "\0" * 99,
        },
    )
    assert "3 added · 1 skipped" in first
    assert "upload:b.txt" in first
    again = upload(
        archive,
        tmp_path / "b",
        {"note.txt": note.format("roof"), "rows.jsonl": rows.format("came", "stopped")},
    )
    assert "2 updated · 1 unchanged" in again
    assert qa.info().articles == before + 3
    own = qa.article("own")
    assert own is not None
    assert (own.text, own.origin) == ("Rain stopped.", "upload:rows.jsonl:2")
    (hit,) = qa.search("bronze bell Quillon keeper", 1)
    assert "under the roof" in hit.article.text
    assert hit.article.origin == "upload:note.txt"


def test_too_many_files_at_a_time_are_refused_and_kept(qa: newsqa.NewsQA) -> None:
    with gr.Blocks():
        archive = Archive(qa, read_only=False)
    most = qa.settings.serving.max_uploads
    shown, *_ = archive.adding.add(["x.txt"] * (most + 1), "", bar=lambda *_, **__: None)
    assert f"more than the {most:,}" in shown


def test_a_new_question_takes_the_place_of_the_one_under_way() -> None:
    conversation = Conversation()
    turns = [Turn(number=1, question="a"), Turn(number=1, question="b")]
    first = conversation.follow(iter(turns), conversation.begin())
    assert next(first).question == "a"
    stopped = conversation.stop()
    assert stopped is not None
    assert stopped.problem == "Stopped."
    assert list(first) == []
    over = Turn(number=2, question="c", problem="none")
    assert list(conversation.follow(iter([over]), conversation.begin())) == [over]
    assert conversation.turns == (stopped, over)
    assert conversation.stop() is None
    conversation.forget()
    assert not conversation.turns


def test_a_turn_that_is_over_may_come_again_with_more() -> None:
    conversation = Conversation()
    over = Turn(number=1, question="a", problem="none")
    more = over.with_(next=("b",))
    assert list(conversation.follow(iter([over, more]), conversation.begin())) == [over, more]
    assert conversation.turns == (more,)
    second = [over.with_(number=2), more.with_(number=2)]
    following = conversation.follow(iter(second), conversation.begin())
    next(following)
    conversation.stop()
    assert list(following) == []
    assert [turn.next for turn in conversation.turns] == [("b",), ()]


def test_a_conversation_does_not_grow_without_end() -> None:
    conversation = Conversation()
    for number in range(1, 200):
        over = Turn(number=number, question="q", problem="none")
        assert list(conversation.follow(iter([over]), conversation.begin())) == [over]
    assert len(conversation.turns) == KEPT
    assert conversation.turns[-1].number == 199
