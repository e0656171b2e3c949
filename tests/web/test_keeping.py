"""A browser gives back what it was given, and nothing else gets in; feedback is read by eval."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import newsqa
from newsqa.errors import InputError
from newsqa.evaluation import read_questions
from newsqa.web.asking import answer_turn
from newsqa.web.feedback import Feedback
from newsqa.web.keeping import KEPT, NOTHING, kept, restored, storage_key
from newsqa.web.turns import Bounds, Turn, show

COST = "What did the Ostrow bridge repairs cost?"
NOW = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture
def turns(qa: newsqa.NewsQA) -> tuple[Turn, ...]:
    *_, first = answer_turn(qa, COST, (), Bounds(until="2024-06-01", sources=("Harbour Gazette",)))
    *_, second = answer_turn(qa, "Who invented the xylophone in Peru?", (first,), Bounds())
    return first, second, Turn(number=3, question="x", problem="Stopped.")


def test_a_conversation_comes_back_as_it_was(turns: tuple[Turn, ...]) -> None:
    saved = kept(turns, user="ida")
    back = restored(saved, user="ida")
    assert [show(turn) for turn in back] == [show(turn) for turn in turns]
    assert back[0].answer is not None
    assert back == turns
    assert restored(saved, user="bo") == restored(saved, user=None) == ()
    assert kept((), user=None) is None


def test_what_is_not_ours_is_not_taken_up(turns: tuple[Turn, ...]) -> None:
    given = kept(turns, user=None)
    assert given is not None
    saved = json.loads(given)
    for spoiled in (None, [], "x", "{}", "[" * 100_000, given[:-1], NOTHING, {"version": 1},
                    {**saved, "version": 0}, {**saved, "turns": 5}):  # fmt: skip
        assert restored(spoiled, user=None) == ()
        assert restored(json.dumps(spoiled), user=None) == ()
    for path, value in (
        (("number",), 2), (("number",), -1), (("number",), 10**30),
        (("question",), "\ud800"), (("question",), None), (("answer",), "x"),
        (("answer", "citations"), [{}]), (("answer", "status"), "perhaps"),
    ):  # fmt: skip
        wrong = copy.deepcopy(saved)
        at = wrong["turns"][0]
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        assert restored(wrong, user=None) == ()
    running = [{**saved["turns"][0], "answer": None}]
    assert restored({**saved, "turns": running}, user=None) == ()


def test_what_is_kept_takes_no_more_than_its_letters() -> None:
    turn = Turn(number=1, question="Что?\ud800", problem="нет")
    saved = kept((turn,), user=None)
    assert saved is not None
    assert "Что?" in saved
    (back,) = restored(saved, user=None)
    assert back.question == "Что??"


def test_a_browser_keeps_the_latest() -> None:
    many = [Turn(number=n, question="q", problem="none") for n in range(1, 60)]
    back = restored(kept(many, user=None), user=None)
    assert len(back) == KEPT
    assert back[-1].number == 59


def test_two_archives_are_kept_apart(tmp_path: Path) -> None:
    assert storage_key(tmp_path / "a") != storage_key(tmp_path / "b")
    assert storage_key(tmp_path / "a") == storage_key(str(tmp_path / "b" / ".." / "a"))


def test_feedback_is_read_as_questions(
    turns: tuple[Turn, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "feedback.jsonl"
    feedback = Feedback(file)
    first, refused, _ = turns
    for turn, verdict in (
        (first, "right"), (first, "wrong"), (first, "citation wrong"), (refused, "right"),
        (refused, "wrong"),
    ):  # fmt: skip
        feedback.add(turn, verdict, user="ida", now=NOW)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["verdict"] for line in lines] == [
        "right", "wrong", "citation wrong", "right", "wrong"
    ]  # fmt: skip
    assert lines[1]["quotes"][0]["quote"] in lines[1]["said"]
    right, none = read_questions(file)
    assert right.question == COST
    assert right.answers == ("12 million crowns",)
    assert right.articles == ("https://gazette.example/2024/02/01/bridge",)
    assert right.until == datetime(2024, 6, 1, 23, 59, 59, 999999, tzinfo=UTC)
    assert right.sources == ("Harbour Gazette",)
    assert none.answers == ()
    monkeypatch.setattr("newsqa.web.feedback.MOST_BYTES", 10)
    with pytest.raises(OSError, match="more than 10 bytes"):
        feedback.add(first, "right", user=None, now=NOW)
    only_wrong = tmp_path / "wrong.jsonl"
    only_wrong.write_text(json.dumps(lines[1]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="no questions"):
        read_questions(only_wrong)
