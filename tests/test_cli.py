"""The commands as scripts and people meet them: output, exit codes, errors, hostile text."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

import newsqa
from newsqa import cli, models, pipeline
from newsqa.cli.progress import Lines
from newsqa.embedding import HashingEncoder
from newsqa.types import BuildReport, CheckReport, Choice, Progress, Skip

ROOT = Path(__file__).resolve().parent.parent
ROWS: list[dict[str, object]] = [
    {
        "id": "comet",
        "title": "Student spots comet",
        "text": "Milo Prentice discovered the comet on 7 May. Six observers confirmed it.",
        "source": "Vellmark Wire",
        "authors": ["Ana Bell"],
        "published": "2024-05-29T08:00:00Z",
        "url": "https://wire.example/comet",
    },
    {
        "id": "mayor-old",
        "title": "Mayor Pell speaks",
        "text": "Marcus Pell is the mayor of Kestmouth. He spoke about trams on Monday.",
        "source": "Harbour Post",
        "published": "2024-05-20",
        "url": "https://post.example/pell",
    },
    {
        "id": "mayor-new",
        "title": "Torvald wins",
        "text": "Lena Torvald was elected mayor of Kestmouth on Sunday.",
        "source": "Vellmark Wire",
        "published": "2024-06-10",
        "url": "https://wire.example/torvald",
    },
    {"id": "clock", "title": "The clock", "text": "Josiah Wick made the tide clock."},
]
WHO = "Who discovered the comet?"
NOTHING_YET = ("--as-of", "2001-01-01")

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The encoder without a model and no reader, whatever the settings name."""
    monkeypatch.setattr(models, "encoder_of", lambda *_: HashingEncoder())
    monkeypatch.setattr(models, "encoder", lambda *_: HashingEncoder())
    monkeypatch.setattr(models, "reader", lambda *_: None)


@pytest.fixture
def run() -> Run:
    def invoke(*arguments: object, input: str | None = None) -> Result:
        return CliRunner().invoke(cli.app, [str(each) for each in arguments], input=input)

    return invoke


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("articles") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that tests only read."""
    path = tmp_path_factory.mktemp("built") / "index"
    newsqa.build(ROWS, index=path, encoder=HashingEncoder())
    return path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")


def document(result: Result) -> Any:
    return json.loads(result.stdout)


# The whole way, by command.


def test_build_ask_remove(run: Run, articles: Path, tmp_path: Path) -> None:
    index = ("--index", tmp_path / "index")
    result = run("build", articles, *index, "--json")
    assert result.exit_code == 0
    report = document(result)
    assert report["added"] == ["comet", "mayor-old", "mayor-new", "clock"]
    assert (report["embedded"], report["skipped"]) == (4, [])
    assert document(run("build", articles, *index, "--json"))["unchanged"] == report["added"]

    answer = document(run("ask", WHO, *index, "--json"))
    assert answer["status"] == "answered"
    assert answer["citations"][0]["article_id"] == "comet"
    assert answer["citations"][0]["published"] == "2024-05-29T08:00:00+00:00"

    result = run("remove", "comet", "absent", *index, "--json")
    assert result.exit_code == 0
    assert document(result)["removed"] == ["comet"]
    assert [skip["origin"] for skip in document(result)["skipped"]] == ["absent"]
    found = document(run("search", WHO, *index, "--json"))["hits"]
    assert "comet" not in {hit["article"]["article_id"] for hit in found}
    assert run("check", *index).exit_code == 0


def test_build_fetches_from_this_machine_where_that_is_allowed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(str(ROWS[0]["text"]))
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/page.txt"
        index = ("--index", tmp_path / "index", "--json")
        settings = tmp_path / "mine.toml"
        settings.write_text("[loading]\nprivate_addresses = false\nhost_delay_seconds = 0\n")
        refused = run("build", url, *index, "--settings", settings)
        allowed = run("build", url, *index, "--settings", settings, "--allow-private")
        server.shutdown()
    assert refused.exit_code == 1
    (skip,) = document(refused)["skipped"]
    assert "a loopback address" in skip["reason"]
    assert "--allow-private" in skip["reason"]
    assert (allowed.exit_code, len(document(allowed)["added"])) == (0, 1)


def test_remove_loads_no_model(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newsqa.build(ROWS, index=tmp_path, encoder=HashingEncoder())
    monkeypatch.delattr(models, "encoder_of")
    monkeypatch.delattr(models, "encoder")
    result = run("remove", "comet", "--index", tmp_path, "--json")
    assert result.exit_code == 0
    assert document(result)["removed"] == ["comet"]


def test_ask_for_people(run: Run, built: Path) -> None:
    result = run("ask", WHO, "--index", built)
    assert result.exit_code == 0
    headline, blank, *lines = result.stdout.splitlines()
    assert (headline, blank) == ("Milo Prentice", "")
    assert lines[0].startswith("Milo Prentice discovered the comet on 7 May. [1]")
    at = lines.index("[1] “Milo Prentice discovered the comet on 7 May.”")
    assert lines[at + 1 : at + 5] == [
        "    Student spots comet",
        "    Vellmark Wire · Ana Bell · 2024-05-29",
        "    https://wire.example/comet",
        "    id comet",
    ]
    assert result.stderr == ""


def test_a_follow_up_is_asked_after_what_came_before(run: Run, built: Path) -> None:
    result = run("ask", "and when did he do that?", "--history", WHO, "--index", built, "--json")
    query = document(result)["query"]
    assert "Milo Prentice" in query["text"]
    assert "follow-up" in query["why"][0]


def test_a_refusal_ends_with_3_and_names_the_nearest(run: Run, built: Path) -> None:
    question = "What does a zeppelin ticket to Oslo cost?"
    result = run("ask", question, "--index", built)
    assert result.exit_code == 3
    assert "does not hold an answer" in result.stdout
    assert "Nearest articles" in result.stdout
    result = run("ask", question, "--index", built, "--json")
    assert result.exit_code == 3
    assert document(result)["status"] == "no_evidence"


def test_all_exact_answers_stand_first_where_several_are_asked_for(
    run: Run, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with newsqa.NewsQA.open(built) as qa:
        answer = qa.ask(WHO)
    given = (HOSTILE, "[red]Anna[/red]", "Ben\nOak [1]")
    answer = dataclasses.replace(answer, short=given[0], several=given)
    monkeypatch.setattr(newsqa.NewsQA, "ask", lambda *_, **__: answer)
    shown = run("ask", WHO, "--index", built).stdout
    first, blank, text = shown.splitlines()[:3]
    assert first.endswith("; [red]Anna[/red]; Ben Oak [1]")
    assert blank == ""
    assert text.startswith("Milo Prentice discovered the comet on 7 May. [1]")
    assert CONTROLS.findall(shown) == []
    result = run("ask", WHO, "--index", built, "--json")
    assert document(result)["several"] == list(given)
    assert CONTROLS.findall(result.stdout) == []


# Choosing.


@pytest.fixture
def open_to_any(tmp_path: Path) -> Path:
    """Settings by which a choice is made as soon as there is something to cite for it."""
    path = tmp_path / "settings.toml"
    path.write_text("[answering]\nchoice_threshold = 0.0\n", encoding="utf-8")
    return path


def test_choose(run: Run, built: Path, open_to_any: Path) -> None:
    options = ("--index", built, "--settings", open_to_any)
    choices = ["Josiah Wick", "Milo Prentice", "Ada Finch"]
    result = run("choose", WHO, *choices, *options)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:7] == [
        "Milo Prentice",
        "",
        "[1] “Milo Prentice discovered the comet on 7 May.”",
        "    Student spots comet",
        "    Vellmark Wire · Ana Bell · 2024-05-29",
        "    https://wire.example/comet",
        "    id comet",
    ]
    assert re.fullmatch(r"Confidence \d+%\.", lines[-1])

    result = run("choose", WHO, *choices, *options, "--json")
    assert result.exit_code == 0
    found = document(result)
    assert (found["question"], found["choices"]) == (WHO, choices)
    choice = found["choice"]
    assert set(choice) == {field.name for field in dataclasses.fields(Choice)}
    assert (choice["text"], choice["index"]) == ("Milo Prentice", 1)
    assert 0 <= choice["confidence"] <= 1
    assert choice["citations"][0]["article_id"] == "comet"
    assert choice["citations"][0]["published"] == "2024-05-29T08:00:00+00:00"


def test_no_choice_ends_with_3_and_is_null(run: Run, built: Path) -> None:
    arguments = ("choose", WHO, "Zebulon Quark", "Ada Finch", "--index", built)
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (3, "")
    assert result.stdout == "The archive supports none of these choices well enough.\n"
    result = run(*arguments, "--json")
    assert result.exit_code == 3
    assert document(result) == {
        "question": WHO,
        "choices": ["Zebulon Quark", "Ada Finch"],
        "choice": None,
    }


def test_the_threshold_of_a_choice_is_a_setting(run: Run, built: Path, open_to_any: Path) -> None:
    arguments = ("choose", WHO, "Milo Prentice", "Josiah Wick", "--index", built)
    assert run(*arguments, "--settings", open_to_any).exit_code == 0
    open_to_any.write_text("[answering]\nchoice_threshold = 1.0\n", encoding="utf-8")
    assert run(*arguments, "--settings", open_to_any).exit_code == 3
    open_to_any.write_text("[answering]\nchoice_threshold = 1.5\n", encoding="utf-8")
    result = run(*arguments, "--settings", open_to_any)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "choice_threshold is 1.5" in result.stderr


def test_bounds_reach_the_choice(run: Run, built: Path, open_to_any: Path) -> None:
    def code(*bounds: str) -> int:
        question = ("Who is the mayor of Kestmouth?", "Lena Torvald")
        options = ("--index", built, "--settings", open_to_any)
        return run("choose", *question, *options, *bounds).exit_code

    assert code() == code("--as-of", "2024-06-10") == code("--since", "2024-06-10") == 0
    assert code("--source", "Harbour Post", "--source", "Vellmark Wire") == 0
    assert code("--as-of", "2024-06-09") == code("--until", "2024-06-09") == 3
    assert code("--since", "2024-06-11") == code("--source", "Harbour Post") == 3


def test_the_limit_reaches_the_choice(
    run: Run, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[int] = []
    monkeypatch.setattr(newsqa.NewsQA, "choose", lambda *_, limit, **__: limits.append(limit))
    for options in ((), ("-k", "3"), ("--limit", "4")):
        assert run("choose", WHO, "a", "--index", built, *options).exit_code == 3
    assert limits == [12, 3, 4]


def test_a_choice_may_start_with_a_dash(run: Run, built: Path, open_to_any: Path) -> None:
    options = ("--index", built, "--settings", open_to_any, "--json")
    found = document(run("choose", WHO, *options, "--", "-6 degrees", "--json", "Milo Prentice"))
    assert found["choices"] == ["-6 degrees", "--json", "Milo Prentice"]
    assert found["choice"]["index"] == 2


def test_equal_choices_are_one_the_first(run: Run, built: Path, open_to_any: Path) -> None:
    options = ("--index", built, "--settings", open_to_any, "--json")
    choices = ["Ida Moss", "Milo Prentice", " milo  PRENTICE ", "Ida Moss"]
    chosen = document(run("choose", WHO, *choices, *options))["choice"]
    assert (chosen["text"], chosen["index"]) == ("Milo Prentice", 1)


@pytest.mark.parametrize("choices", [["", "Milo Prentice"], ["Milo Prentice", " \t "]])
def test_blank_choices_are_refused(run: Run, built: Path, choices: list[str]) -> None:
    result = run("choose", WHO, *choices, "--index", built)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("newsqa: choices are [")
    assert "none blank" in result.stderr
    assert "Traceback" not in result.stderr
    result = run("choose", WHO, *choices, "--index", built, "--json")
    assert result.exit_code == 1
    assert document(result)["error"]["type"] == "InputError"


def test_bounds_reach_the_search(run: Run, built: Path) -> None:
    def found(*bounds: str) -> set[str]:
        hits = document(run("search", "mayor", "--index", built, "--json", *bounds))["hits"]
        return {hit["article"]["article_id"] for hit in hits}

    assert found() == {"comet", "mayor-old", "mayor-new", "clock"}
    assert found("--as-of", "2024-06-01") == {"comet", "mayor-old"}
    assert found("--since", "2024-06-01") == {"mayor-new"}
    assert found("--until", "2024-05-20") == {"mayor-old"}
    assert found("--source", "Harbour Post", "--source", "Nobody") == {"mayor-old"}
    assert len(found("-k", "1")) == 1
    assert len(found("--limit", "2")) == 2
    assert run("ask", WHO, "--index", built, *NOTHING_YET).exit_code == 3


def test_search_shows_passages_and_not_whole_articles(run: Run, built: Path) -> None:
    result = run("search", WHO, "--index", built)
    assert result.exit_code == 0
    assert result.stdout.startswith(" 1. Milo Prentice discovered the comet")
    hit = document(run("search", WHO, "--index", built, "-k", "1", "--json"))["hits"][0]
    assert set(hit) == {"rank", "score", "signals", "article", "start", "end", "text", "copies"}
    assert "text" not in hit["article"]
    result = run("search", WHO, "--index", built, *NOTHING_YET)
    assert (result.exit_code, result.stdout) == (0, "Nothing found within these bounds.\n")


def test_info(run: Run, built: Path) -> None:
    held = document(run("info", "--index", built, "--json"))
    assert (held["articles"], held["undated"], held["encoder"]) == (4, 1, "hashing-64")
    assert held["sources"] == {"Vellmark Wire": 2, "Harbour Post": 1}
    shown = run("info", "--index", built).stdout
    assert "4, 1 without a date" in shown
    assert "2024-05-20 to 2024-06-10" in shown


def test_what_vanished_is_pruned_and_what_was_withdrawn_stays_so(
    run: Run, articles: Path, tmp_path: Path
) -> None:
    index = ("--index", tmp_path / "index")
    articles = Path(shutil.copy(articles, tmp_path))
    run("build", articles, *index)
    run("remove", "comet", *index)
    result = run("build", articles, *index, "--json")
    assert [skip["origin"] for skip in document(result)["skipped"]] != []
    assert document(run("info", *index, "--json"))["changes"] == {"withdrawn": 1}
    assert document(run("build", articles, *index, "--restore", "--json"))["added"] == ["comet"]
    row = {"id": "clock", "title": "Clock", "text": "The clock stopped."}
    articles.write_text(json.dumps(row) + "\n")
    assert document(run("build", articles, *index, "--json"))["removed"] == []
    removed = document(run("build", articles, *index, "--prune", "--json"))["removed"]
    assert set(removed) == {"comet", "mayor-old", "mayor-new"}
    shown = run("info", *index).stdout
    assert "3 removed, 1 restored, 1 updated, 1 withdrawn" in shown


def test_what_is_exported_builds_the_same_archive(run: Run, built: Path, tmp_path: Path) -> None:
    file, again = tmp_path / "all.jsonl", tmp_path / "again"
    assert run("export", "--index", built, "-o", file).exit_code == 0
    assert run("export", "--index", built).stdout == file.read_text()
    assert [f.name for f in tmp_path.glob("*.tmp")] == []
    newsqa.build([file], index=again, encoder=HashingEncoder())
    from newsqa.indexing import Index

    def held(path: Path) -> dict[str, str]:
        index = Index.open(path)
        found = {article.id: article.content_hash for article in index.articles()}
        index.close()
        return found

    assert held(again) == held(built)
    assert len(held(again)) == 4
    assert run("export", "--index", tmp_path / "none").exit_code == 1
    nowhere = run("export", "--index", built, "-o", tmp_path / "no" / "all.jsonl")
    assert nowhere.exit_code == 1
    assert "all.jsonl can't be written: No such file or directory" in " ".join(
        nowhere.stderr.split()
    )


def test_compact_and_repair(run: Run, built: Path, tmp_path: Path) -> None:
    built = shutil.copytree(built, tmp_path / "copy")
    run("remove", "comet", "--index", built)
    report = document(run("compact", "--index", built, "--json"))
    assert 0 < report["bytes_after"] <= report["bytes_before"]
    assert "nothing of what was removed" in run("compact", "--index", built).stdout
    (built / "vectors.faiss").write_bytes(b"")
    assert run("check", "--repair", "--index", built).stdout == "3 articles, 3 passages: sound\n"


def test_the_index_may_come_from_the_environment(
    run: Run, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSQA_INDEX", str(built))
    assert document(run("info", "--json"))["path"] == str(built)


def test_eval(run: Run, built: Path, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "question": WHO, "answers": ["Milo Prentice"]},
        {"id": "b", "question": WHO, "answers": [], "as_of": "2001-01-01"},
        {"id": "c", "question": "Who made the clock?", "answers": ["Somebody Else"]},
    ]
    file = tmp_path / "q.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    result = run("eval", file, "--index", built, "--json")
    assert result.exit_code == 0
    scores = document(result)
    assert scores["answer_at"] == {"1": 0.5, "5": 0.5, "10": 0.5, "20": 0.5}
    assert scores["answer_in_text"] == scores["mrr"] == 0.5
    assert scores["citation_validity"] == 1.0
    assert scores["right_refusals"] == 1
    assert scores["intervals"]["answer@1"]["mean"] == 0.5
    assert [row["rank"] for row in scores["rows"]] == [1, None, None]
    shown = run("eval", file, "--index", built, "--first", "2", "-k", "5").stdout
    assert "answer@5              100.0%" in shown
    assert "answer@10" not in shown
    assert "1 of 1 without an answer" in shown


def test_eval_ends_with_4_where_a_citation_is_not_valid(
    run: Run, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsqa import evaluation

    wrong = evaluation.CitationCheck(citations=1, valid=0, faults=("quote 1 is not there",))
    monkeypatch.setattr(evaluation.running, "check_citations", lambda *_: wrong)
    file = tmp_path / "q.jsonl"
    file.write_text(json.dumps({"id": "a", "question": WHO, "answers": []}), encoding="utf-8")
    result = run("eval", file, "--index", built)
    assert result.exit_code == 4
    assert "a: quote 1 is not there" in result.stdout
    assert run("eval", file, "--index", built, "--json").exit_code == 4


def test_check_ends_with_4_where_there_are_problems(
    run: Run, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsqa.indexing import Index

    report = CheckReport(articles=4, passages=4, problems=("passage 7 has \x1b[2Jno vector",))
    monkeypatch.setattr(Index, "check", lambda self: report)
    result = run("check", "--index", built)
    assert result.exit_code == 4
    assert result.stdout == "4 articles, 4 passages: 1 problem\n  passage 7 has [2Jno vector\n"
    result = run("check", "--index", built, "--json")
    assert result.exit_code == 4
    assert document(result)["problems"] == list(report.problems)


def test_chat_says_where_once_the_page_answers(
    run: Run, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import newsqa.web

    called: dict[str, Any] = {}

    def serve(*, ready: Callable[[str], None], **options: Any) -> None:
        called.update(options)
        sys.stdout.write("* Running on local URL\n")
        ready("http://127.0.0.1:7861/")

    monkeypatch.setattr(newsqa.web, "serve", serve, raising=False)
    result = run("chat", "--index", built, "--port", "7861", "--json")
    assert result.exit_code == 0
    assert document(result) == {"index": str(built), "url": "http://127.0.0.1:7861/"}
    assert called == {
        "index": built,
        "host": "127.0.0.1",
        "port": 7861,
        "open_browser": False,
        "read_only": None,
        "mcp": False,
        "auth": None,
        "without_login": False,
        "root_path": None,
        "feedback": None,
        "settings": None,
    }
    tools = "http://127.0.0.1:7861/gradio_api/mcp/"
    result = run("chat", "--index", built, "--mcp", "--json")
    assert document(result)["tools"] == tools
    assert called["mcp"] is True
    assert tools in run("chat", "--index", built, "--mcp").stdout


def test_an_account_is_a_line_that_lets_one_in(run: Run) -> None:
    from newsqa.web.accounts import is_password

    result = run("account", "ida", input="a long password\n")
    assert result.exit_code == 0
    assert "a long password" not in result.stdout
    (line,) = result.stdout.splitlines()
    name, _, hashed = line.partition(":")
    assert name == "ida"
    assert is_password("a long password", hashed)
    assert not is_password("another password", hashed)
    assert run("account", "ida", input="short\n").exit_code == 1


def test_chat_passes_settings_on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import newsqa.web

    called: dict[str, Any] = {}
    monkeypatch.setattr(
        newsqa.web, "serve", lambda **options: called.update(options), raising=False
    )
    file = tmp_path / "settings.toml"
    file.write_text("[loading]\nmax_article_chars = 60\n", encoding="utf-8")
    assert run("chat", "--settings", file).exit_code == 0
    assert called["settings"].loading.max_article_chars == 60
    assert not called["settings"].loading.private_addresses
    assert run("chat", "--settings", file, "--allow-private").exit_code == 0
    assert called["settings"].loading.max_article_chars == 60
    assert called["settings"].loading.private_addresses
    file.write_text("[loading]\nmax_size = 60\n", encoding="utf-8")
    assert run("chat", "--settings", file).exit_code == 1


def test_the_app_is_the_chat_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import newsqa.web

    def serve(*, ready: Callable[[str], None], port: int, **_: Any) -> None:
        ready(f"http://127.0.0.1:{port}/")

    monkeypatch.setattr(newsqa.web, "serve", serve, raising=False)
    monkeypatch.setattr(sys, "argv", ["app.py", "--port", "7861"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
    assert ended.value.code == 0
    assert "at http://127.0.0.1:7861/ (Ctrl-C stops)" in capsys.readouterr().out


# What goes wrong.


@pytest.mark.parametrize(
    "command",
    [
        ["ask", "Who?"],
        ["choose", "Who?", "a", "b"],
        ["search", "Who?"],
        ["remove", "a"],
        ["info"],
        ["check"],
    ],
)
def test_no_index_is_an_error_without_a_traceback(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    result = run(*command, "--index", tmp_path / "absent")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("newsqa: there is no index in ")
    assert "newsqa build" in result.stderr
    assert "Traceback" not in result.stderr
    result = run(*command, "--index", tmp_path / "absent", "--json")
    assert result.exit_code == 1
    assert document(result)["error"]["type"] == "IndexNotFound"


def test_what_cannot_be_asked(run: Run, built: Path) -> None:
    for arguments in ([" "], [WHO, "--as-of", "soon"], [WHO, "--since", "2025-01-01"]):
        for command, choices in (("ask", []), ("choose", ["a", "b"])):
            asked, *bounds = arguments
            bounds += ["--until", "2024-01-01", "--index", str(built)]
            result = run(command, asked, *choices, *bounds)
            assert result.exit_code == 1
            assert result.stderr.startswith("newsqa: ")


def test_wrong_usage_ends_with_2(run: Run) -> None:
    for arguments in (
        ["ask"],
        ["ask", WHO, "-k", "0"],
        ["choose"],
        ["choose", WHO],
        ["choose", WHO, "a", "-k", "0"],
        ["nothing"],
        ["build"],
        ["info", "--what"],
    ):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")


def test_settings_are_read_and_refused(run: Run, articles: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[loading]\nmax_article_chars = 60\n", encoding="utf-8")
    options = ("--index", tmp_path / "index", "--settings", settings)
    report = document(run("build", articles, *options, "--json"))
    assert (len(report["added"]), len(report["skipped"])) == (2, 2)
    settings.write_text("[loading]\nmax_size = 60\n", encoding="utf-8")
    result = run("build", articles, *options)
    assert result.exit_code == 1
    assert "unknown setting 'max_size'" in result.stderr


def test_a_bad_question_file(run: Run, built: Path, tmp_path: Path) -> None:
    result = run("eval", tmp_path / "absent.jsonl", "--index", built)
    assert result.exit_code == 1
    assert "absent.jsonl" in result.stderr


def test_what_is_skipped_is_named(run: Run, articles: Path, tmp_path: Path) -> None:
    index = ("--index", tmp_path / "index")
    result = run("build", articles, tmp_path / "absent.txt", *index)
    assert result.exit_code == 0
    assert "4 added, 0 updated, 0 unchanged, 0 removed, 1 skipped" in result.stdout
    assert "absent.txt: no such file or folder" in result.stdout
    assert run("build", articles, tmp_path / "absent.txt", *index, "--strict").exit_code == 5
    assert run("build", articles, *index, "--strict").exit_code == 0
    result = run("build", tmp_path / "absent.txt", *index)
    assert result.exit_code == 1
    assert "nothing was read" in result.stderr


def test_only_the_first_skips_are_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skips = tuple(Skip(origin=f"{n}.txt", reason="empty") for n in range(25))
    report = BuildReport(added=("a",), skipped=skips)
    monkeypatch.setattr(pipeline, "build", lambda *_, **__: report)
    shown = run("build", tmp_path).stdout
    assert "  skipped 19.txt: empty\n  … and 5 more; --json names all\n" in shown
    assert "20.txt" not in shown
    assert len(document(run("build", tmp_path, "--json"))["skipped"]) == 25


@pytest.mark.parametrize("error", [KeyboardInterrupt(), PermissionError(13, "no", "x")])
def test_interrupts_and_refused_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def build(*_: object, **__: object) -> BuildReport:
        raise error

    monkeypatch.setattr(pipeline, "build", build)
    result = run("build", tmp_path)
    interrupted = isinstance(error, KeyboardInterrupt)
    assert (result.exit_code, result.stdout) == (130 if interrupted else 1, "")
    assert ("what was committed is kept" in result.stderr) == interrupted
    assert "error" in document(run("build", tmp_path, "--json"))


# What articles must not do to a terminal.

HOSTILE = "red \x1b[31m bell \x07 title \x1b]0;pwned\x07 csi \x9b2J back \b over \r turn \u202e end"
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture
def hostile(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive in whose answers, choices and hits every text is hostile."""
    with newsqa.NewsQA.open(built) as qa:
        answer = qa.ask(WHO)
        hit = qa.search(WHO, 1)[0]
    citation = dataclasses.replace(
        answer.citations[0],
        quote=HOSTILE,
        title=HOSTILE,
        source=HOSTILE,
        authors=(HOSTILE,),
        url=f"https://x.example/{HOSTILE}",
        article_id=HOSTILE,
    )
    answer = dataclasses.replace(answer, text=f"{HOSTILE} [red]x[/red] [1]", citations=(citation,))
    choice = Choice(text=f"{HOSTILE} [red]x[/red]", index=0, confidence=0.5, citations=(citation,))
    article = dataclasses.replace(hit.article, id=HOSTILE, title=HOSTILE, source=HOSTILE)
    passage = dataclasses.replace(hit.passage, text=HOSTILE)
    hit = dataclasses.replace(hit, article=article, passage=passage)

    class Hostile:
        def ask(self, *_: object, **__: object) -> object:
            return answer

        def choose(self, *_: object, **__: object) -> object:
            return choice

        def search(self, *_: object, **__: object) -> object:
            return (hit,)

    def opened(*_: object, **__: object) -> object:
        return contextlib.nullcontext(Hostile())

    monkeypatch.setattr(newsqa.NewsQA, "open", opened)


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("arguments", [("ask", WHO), ("choose", WHO, HOSTILE), ("search", WHO)])
def test_control_characters_are_not_printed(run: Run, arguments: tuple[str, ...]) -> None:
    shown = run(*arguments).stdout
    assert "pwned" in shown
    assert CONTROLS.findall(shown) == []
    result = run(*arguments, "--json")
    assert CONTROLS.findall(result.stdout) == []
    found = document(result)
    found = found.get("choice", found)
    text = found["citations"][0]["quote"] if "citations" in found else found["hits"][0]["text"]
    assert text == HOSTILE


@pytest.mark.usefixtures("hostile", "terminal")
@pytest.mark.parametrize("arguments", [("ask", WHO), ("choose", WHO, HOSTILE)])
def test_in_a_terminal_only_our_own_codes_are_printed(run: Run, arguments: tuple[str, ...]) -> None:
    shown = run(*arguments).stdout
    assert "\x1b[1;36m[1]" in shown
    assert "[red]x[/red]" in shown
    assert "\x1b[31m" not in shown
    assert "\x1b]" not in shown
    assert "\x07" not in shown


@pytest.mark.parametrize("choices", [(HOSTILE,), (HOSTILE, HOSTILE), (HOSTILE, "\x1b[31m", "\t")])
def test_hostile_choices_stay_text(
    run: Run, built: Path, choices: tuple[str, ...], open_to_any: Path
) -> None:
    options = ("--index", built, "--settings", open_to_any)
    result = run("choose", WHO, "Milo Prentice", *choices, *options)
    assert result.exit_code == ("\t" in choices)
    assert CONTROLS.findall(result.stdout + result.stderr) == []
    result = run("choose", WHO, "Milo Prentice", *choices, *options, "--json")
    assert CONTROLS.findall(result.stdout) == []
    if len(choices) == 1:
        assert document(result)["choices"] == ["Milo Prentice", HOSTILE]


def test_hostile_file_names(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "\x1b[31mred.txt").touch()
    (folder / os.fsdecode(b"\xff.txt")).touch()
    result = run("build", folder, "--index", tmp_path / "index")
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "red.txt" in result.stdout
    assert len(document(run("build", folder, "--index", tmp_path / "i", "--json"))["skipped"]) == 2


# Progress.


def test_progress_without_a_terminal_is_a_line_now_and_then() -> None:
    times = iter([0.0, 0.0, 2.0, 6.0, 10.0, 11.0, 12.0, 20.0])
    console = Console(width=80)
    lines = Lines(console, clock=lambda: next(times))
    with console.capture() as captured:
        for step, done, total in (
            ("read", 50, None),
            ("read", 100, None),
            ("read", 150, None),
            ("embed", 0, 1200),
            ("embed", 10, 1200),
            ("embed", 20, 1200),
            ("embed", 1200, 1200),
        ):
            lines(Progress(step=step, done=done, total=total))
    assert captured.get().splitlines() == [
        "Reading: 150 articles",
        "Embedding: 1,200 of 1,200 passages",
    ]


def test_progress_says_how_long_it_will_take() -> None:
    times = iter([0.0, 0.0, 10.0])
    console = Console(width=80)
    lines = Lines(console, clock=lambda: next(times))
    with console.capture() as captured:
        lines(Progress(step="embed", done=0, total=1000))
        lines(Progress(step="embed", done=100, total=1000))
    assert captured.get() == "Embedding: 100 of 1,000 passages, 10 a second, 1 min 30 s left\n"


@pytest.mark.usefixtures("terminal")
def test_the_bar_is_on_stderr_only(run: Run, articles: Path, tmp_path: Path) -> None:
    result = run("build", articles, "--index", tmp_path / "index", "--json")
    assert document(result)["skipped"] == []
    assert "Embedding" in result.stderr
    assert "4 of 4 passages" in result.stderr


# Real processes.


def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        capture_output="stdout" not in options,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


def test_the_real_thing(articles: Path, tmp_path: Path) -> None:
    index = ("--index", tmp_path / "index")
    result = process("-m", "newsqa", "build", articles, *index, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["embedded"] == 4
    assert "Embedding: 4 of 4 passages" in result.stderr
    held = json.loads(process("-m", "newsqa", "info", *index, "--json").stdout)
    assert (held["articles"], held["encoder"]) == (4, "all-MiniLM-L6-v2")


def test_a_reader_that_goes_away(built: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = process(
            "-m", "newsqa", "info", "--index", built, stdout=writer, stderr=subprocess.PIPE
        )
    finally:
        os.close(writer)
    assert (result.returncode, result.stderr) == (141, "")


def test_every_command_and_every_setting_is_in_the_docs() -> None:
    shown = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    commands = [found.name or found.callback.__name__ for found in cli.app.registered_commands]
    assert "choose" in commands
    for name in commands:
        assert f"\n## newsqa {name}\n" in shown
    tables = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").split("\n## ")[1:]
    named = {
        table.partition("\n")[0]: set(re.findall(r"^\| `(\w+)`", table, re.M)) for table in tables
    }
    settings = newsqa.Settings()
    assert named == {
        f"[{group.name}]": {each.name for each in dataclasses.fields(getattr(settings, group.name))}
        for group in dataclasses.fields(settings)
    }


HEAVY = "torch faiss gradio numpy tantivy sentence_transformers trafilatura langchain_core"


def test_help_imports_nothing_heavy() -> None:
    look = f"import sys, newsqa.cli; print(sorted(set({HEAVY.split()!r}) & set(sys.modules)))"
    assert process("-c", look).stdout == "[]\n"
    shown = process("-m", "newsqa", "--help").stdout
    assert "Exit codes:" in shown
    assert process("-m", "newsqa", "--version").stdout == f"newsqa {newsqa.__version__}\n"
