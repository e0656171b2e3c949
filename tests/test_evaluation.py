"""Measures against values worked out by hand; question files good and bad."""

from __future__ import annotations

import dataclasses
import gzip
import json
import lzma
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import newsqa
from newsqa.embedding import HashingEncoder
from newsqa.errors import InputError, SourceError, VerificationError
from newsqa.evaluation import (
    Question,
    answer_at_k,
    answer_rank,
    calibration_error,
    check_citations,
    evaluate,
    exact_match,
    f1,
    holds,
    interval,
    intervals,
    normalise,
    read_questions,
)
from newsqa.types import Answer, Article, Citation, Coverage, Hit, Passage, Progress, Query, Status

ROOT = Path(__file__).resolve().parent.parent


# Measures.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Buffalo Bills!", "buffalo bills"),
        ("a U.S.-led force", "u s led force"),
        ("snake_case — “quoted”", "snake case quoted"),
        ("An apple a day", "apple day"),
        ("Cafe\u0301 Théâtre", "café théâtre"),
        ("the", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("confidences", "right", "expected"),
    [
        ([], [], 0.0),
        ([1.0, 0.0], [1, 0], 0.0),
        ([0.0, 1.0], [1, 0], 1.0),
        # One bin each: |0.2 - 0| and |0.8 - 1|, of the same weight.
        ([0.8, 0.2], [1, 0], 0.2),
        # Two bins: the two low ones are right half of the time at 0.3 on average.
        ([0.9, 0.2, 0.4, 0.9], [1, 0, 1, 1], (0.2 + 0.1) / 2),
    ],
)
def test_calibration_error(confidences: list[float], right: list[int], expected: float) -> None:
    bins = 2 if len(confidences) == 4 else 10
    assert calibration_error(confidences, right, bins=bins) == pytest.approx(expected)


@given(st.text())
def test_normalise_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_holds_whole_words_only() -> None:
    assert holds("It rose to 6.4 metres.", ["6.4 metres"])
    assert holds("Said THE Mayor,  Lena-Torvald", ["Lena Torvald"])
    assert not holds("In 2024", ["20"])
    assert not holds("Anything at all", ["the", ""])
    assert not holds("Anything", [])


def test_answer_at_k_looks_at_the_first_k() -> None:
    passages = ["nothing", "the mayor", "Lena Torvald won", "Torvald"]
    assert answer_rank(passages, ["Lena Torvald"]) == 3
    assert answer_rank(passages, ["Hugo"]) is None
    assert not answer_at_k(passages, ["Lena Torvald"], 2)
    assert answer_at_k(passages, ["Lena Torvald"], 3)


def test_exact_match_is_squads() -> None:
    assert exact_match("the U.S.", ["US"]) == 1  # punctuation is deleted, not replaced
    assert exact_match("Torvald", ["Lena Torvald", "Torvald."]) == 1
    assert exact_match("Lena", ["Lena Torvald"]) == 0
    assert exact_match(None, ["x"]) == 0
    assert exact_match("x", []) == 0


def test_f1_is_squads() -> None:
    # 2 words said, 3 gold, 2 in common: precision 1, recall 2/3.
    assert f1("Lena Torvald", ["Mayor Lena Torvald"]) == pytest.approx(0.8)
    assert f1("two two", ["two"]) == pytest.approx(2 / 3)
    assert f1("nobody", ["Lena Torvald"]) == 0
    assert f1("Torvald", ["Pell", "the Torvald"]) == 1
    assert f1(None, ["x"]) == 0
    assert f1("x", []) == 0


@given(st.text(), st.lists(st.text(), max_size=3))
def test_f1_is_at_least_exact_match(prediction: str, answers: list[str]) -> None:
    assert exact_match(prediction, answers) <= f1(prediction, answers) <= 1


def test_interval_is_seeded_and_holds_the_mean() -> None:
    values = [1.0] * 30 + [0.0] * 70
    found = interval(values)
    assert found == interval(values)
    assert found is not None
    assert found.mean == pytest.approx(0.3)
    # The normal interval is 0.30 ± 1.96 · sqrt(0.3 · 0.7 / 100) = 0.21 to 0.39.
    assert found.low == pytest.approx(0.21, abs=0.02)
    assert found.high == pytest.approx(0.39, abs=0.02)
    assert interval([]) is None
    one = interval([1.0, 1.0])
    assert one is not None
    assert (one.low, one.mean, one.high) == (1, 1, 1)


# Question files.


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_sample_questions_are_read() -> None:
    questions = read_questions(ROOT / "seeds" / "questions.jsonl")
    assert len({question.id for question in questions}) == len(questions) > 50
    by_id = {question.id: question for question in questions}
    assert by_id["no-bridge-architect"].answers == ()
    assert by_id["mayor-may"].as_of == datetime(2024, 5, 25, 23, 59, 59, 999999, tzinfo=UTC)
    assert by_id["river-first-day"].sources == ("Morrow Valley Herald",)


def test_rows_of_realtime_qa(tmp_path: Path) -> None:
    row = {
        "id": "20230106_1",
        "week": "2023-01-06",
        "question": "Which former pope was laid to rest this week?",
        "choices": ["Pope Paul VI", "Pope Benedict XVI"],
        "answer": [1],
        "gold": ["Pope Benedict XVI"],
    }
    (question,) = read_questions(write(tmp_path / "q.jsonl", row))
    assert question.answers == ("Pope Benedict XVI",)
    assert question.as_of == datetime(2023, 1, 6, 23, 59, 59, 999999, tzinfo=UTC)


def test_compressed_files_blank_lines_and_byte_order_marks(tmp_path: Path) -> None:
    line = '{"question": "Who?", "answers": "Pell"}\n'
    (tmp_path / "q.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    (tmp_path / "q.jsonl.xz").write_bytes(lzma.compress(line.encode()))
    (tmp_path / "q.jsonl").write_bytes(b"\xef\xbb\xbf\n" + line.encode() + b"\n")
    plain = read_questions(tmp_path / "q.jsonl")
    assert [(q.id, q.answers) for q in plain] == [("2", ("Pell",))]
    for name in ("q.jsonl.gz", "q.jsonl.xz"):
        assert [q.answers for q in read_questions(tmp_path / name)] == [("Pell",)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([1], "expected a JSON object"),
        ({"answers": []}, "question is None"),
        ({"question": " ", "answers": []}, "question is ' '"),
        ({"question": "Who?"}, "neither answers nor gold"),
        ({"question": "Who?", "answers": [1]}, "list of strings"),
        ({"question": "Who?", "answers": [], "as_of": "May"}, "as_of='May' is not a date"),
        ({"question": "Who?", "answers": [], "since": 5}, "since is 5"),
        ({"question": "Who?", "answers": [], "id": "1"}, "already that of line 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: object, reason: str) -> None:
    good = {"id": "1", "question": "Who?", "answers": []}
    with pytest.raises(InputError, match="line 2: ") as caught:
        read_questions(write(tmp_path / "q.jsonl", good, row))
    assert reason in str(caught.value)


def test_what_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    for text in ("{", "[" * 100_000):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="line 1: "):
            read_questions(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    cut = gzip.compress(b'{"question": "Who?", "answers": []}\n' * 50)[:-20]
    bad = {
        "absent.jsonl": None,
        "binary.jsonl": b"\xff\xfe\x00",
        "cut.jsonl.gz": cut,
        "not.xz": b"plain text",
    }
    for name, content in bad.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=name):
            read_questions(tmp_path / name)
    with pytest.raises(SourceError):
        read_questions(tmp_path)
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match="no questions"):
        read_questions(tmp_path / "empty.jsonl")


# Citations.

TEXT = "Pell is mayor. Torvald won on Sunday. It rained."
ARTICLE = Article(id="a", title="Torvald wins", text=TEXT, content_hash="0")
COVERAGE = Coverage(articles=1, undated_excluded=0, earliest=None, latest=None)


def cited(number: int, start: int, end: int, quote: str | None = None) -> Citation:
    return Citation(
        article_id="a",
        title=None,
        source=None,
        authors=(),
        published=None,
        url=None,
        number=number,
        quote=TEXT[start:end] if quote is None else quote,
        start=start,
        end=end,
        context=TEXT,
        context_start=0,
    )


def answered(
    text: str, *citations: Citation, short: str | None = None, status: Status = "answered"
) -> Answer:
    return Answer(
        question="?",
        text=text,
        short=short,
        status=status,
        confidence=0.9,
        citations=citations,
        query=Query(text="?"),
        searched=COVERAGE,
    )


def faults(answer: Answer) -> tuple[int, int, list[str]]:
    check = check_citations(answer, {"a": ARTICLE}.get)
    return check.citations, check.valid, list(check.faults)


PELL, TORVALD = cited(1, 0, 14), cited(2, 15, 37)


def test_a_sound_answer() -> None:
    answer = answered("Pell is mayor. [1] Torvald won on Sunday. [2][1]", PELL, TORVALD)
    assert faults(answer) == (2, 2, [])


def test_every_fault_of_a_citation_is_found() -> None:
    moved = dataclasses.replace(TORVALD, start=16)
    gone = dataclasses.replace(TORVALD, article_id="b")
    gap = dataclasses.replace(TORVALD, number=3)
    empty = cited(2, 5, 5)
    for wrong, said in (
        (moved, "is not what stands in"),
        (gone, "there is no article 'b'"),
        (gap, "is number 2 in order"),
        (empty, "is not what stands in"),
    ):
        count, valid, found = faults(answered(f"Pell. [1] Won. [{wrong.number}]", PELL, wrong))
        assert (count, valid, len(found)) == (2, 1, 1)
        assert said in found[0]


def test_marks_and_citations_must_meet() -> None:
    assert faults(answered("Pell. [1]", PELL, TORVALD)) == (
        2, 1, ["citation [2] is not used in the text"]
    )  # fmt: skip
    assert faults(answered("Pell. [1] Won. [7]", PELL)) == (2, 1, ["mark [7] has no citation"])
    assert faults(answered("Pell. [1] Won.", PELL)) == (
        2, 1, ["the answer does not end with a mark"]
    )  # fmt: skip
    assert faults(answered("Won.")) == (1, 0, ["the answer does not end with a mark"])
    assert faults(answered("Not known. Nearest: “[5] things”.", status="no_evidence")) == (0, 0, [])


# The whole.


class Scripted:
    """Answers from a script, in place of NewsQA."""

    def __init__(self, answers: dict[str, Answer | Exception], found: dict[str, list[str]]):
        self.answers = answers
        self.found = found
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def search(self, question: str, k: int, **bounds: Any) -> tuple[Hit, ...]:
        texts = self.found.get(question, [])[:k]
        return tuple(
            Hit(
                passage=Passage(
                    id=rank, article_id="a", start=0, end=len(text), text=text, sentences=()
                ),
                article=ARTICLE,
                rank=rank,
                score=1 / rank,
            )
            for rank, text in enumerate(texts, start=1)
        )

    def ask(self, question: str, **options: Any) -> Answer:
        self.asked.append((question, options))
        answer = self.answers[question]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def article(self, article_id: str) -> Article | None:
        return ARTICLE if article_id == "a" else None


def run(
    qa: Scripted, questions: Sequence[Question], **options: Any
) -> newsqa.evaluation.Evaluation:
    return evaluate(cast(newsqa.NewsQA, qa), questions, **options)


def test_every_measure_by_hand() -> None:
    refusal = answered("The archive holds no answer. Nearest: “Torvald”.", status="no_evidence")
    qa = Scripted(
        {
            "won?": answered("Torvald won on Sunday. [1]", cited(1, 15, 37), short="Torvald"),
            "mayor?": answered("It rained. [1]", cited(1, 38, 48), short="mayor Marcus Pell"),
            "when?": refusal,
            "age?": refusal,
            "height?": answered("It rained. [1]", cited(1, 38, 48, quote="It snowed.")),
        },
        {"won?": ["Torvald won"], "mayor?": ["x", "Pell"], "when?": [*"xxxxx", "a Sunday"]},
    )
    as_of = datetime(2024, 6, 30, tzinfo=UTC)
    questions = [
        Question(id="1", question="won?", answers=("Lena Torvald", "Torvald"), as_of=as_of),
        Question(id="2", question="mayor?", answers=("Pell",), sources=("Post",)),
        Question(id="3", question="when?", answers=("Sunday",)),
        Question(id="4", question="age?", answers=(), kind="unanswerable"),
        Question(id="5", question="height?", answers=()),
    ]
    seen: list[Progress] = []
    found = run(qa, questions, k=10, limit=4, progress=seen.append)
    assert (found.questions, found.answerable, found.k) == (5, 3, 10)
    # Ranks 1, 2 and 6; nothing is said of 20 where 10 were searched for.
    assert dict(found.answer_at) == {1: 1 / 3, 5: 2 / 3, 10: 1.0}
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 6) / 3)
    assert found.exact_match == pytest.approx(1 / 3)
    # 1; one word of three against one: precision 1/3, recall 1, so 1/2; none.
    assert found.f1 == pytest.approx((1 + 0.5 + 0) / 3)
    # The refusal names an article, which is no answer.
    assert found.answer_in_text == pytest.approx(1 / 3)
    assert (found.citations, found.valid_citations) == (3, 2)
    assert found.citation_validity == pytest.approx(2 / 3)
    assert (found.right_refusals, found.right_refusal_share) == (1, 0.5)
    assert found.wrong_refusals == 1
    assert found.wrong_refusal_share == pytest.approx(1 / 3)
    assert [row.rank for row in found.rows] == [1, 2, 6, None, None]
    assert [bool(row.faults) for row in found.rows] == [False, False, False, False, True]
    assert qa.asked[0] == (
        "won?", {"limit": 4, "as_of": as_of, "since": None, "until": None, "sources": ()}
    )  # fmt: skip
    assert qa.asked[1][1]["sources"] == ("Post",)
    assert [(p.step, p.done, p.total) for p in seen] == [("ask", n, 5) for n in range(1, 6)]
    likely = intervals(found)
    assert set(likely) == {
        "answer@1", "answer@5", "answer@10", "mrr", "exact_match", "f1", "answer_in_text"
    }  # fmt: skip
    assert likely["mrr"].mean == pytest.approx(found.mrr)


def test_an_answer_that_fails_its_guarantees_is_counted() -> None:
    qa = Scripted({"?": VerificationError("no such quote")}, {})
    found = run(qa, [Question(id="1", question="?", answers=("x",))])
    assert (found.citations, found.valid_citations, found.citation_validity) == (1, 0, 0.0)
    assert found.rows[0].faults == ("no such quote",)
    assert found.wrong_refusals == 0


def test_shares_of_nothing_are_none() -> None:
    found = run(Scripted({}, {}), [])
    assert found.questions == 0
    assert (
        found.mrr is found.citation_validity is found.right_refusal_share is found.ask_p95 is None
    )
    assert intervals(found) == {}
    with pytest.raises(InputError, match="k is 0"):
        run(Scripted({}, {}), [], k=0)


def test_over_a_real_index(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": "comet",
            "title": "Student spots comet",
            "text": "Milo Prentice discovered the comet on 7 May.",
            "published": "2024-05-29",
        },
        {"id": "clock", "title": "The clock", "text": "Josiah Wick made the tide clock."},
    ]
    encoder = HashingEncoder()
    newsqa.build(rows, index=tmp_path, encoder=encoder)
    questions = [
        Question(id="1", question="Who discovered the comet?", answers=("Milo Prentice",)),
        Question(
            id="2",
            question="Who discovered the comet?",
            answers=(),
            as_of=datetime(2024, 1, 1, tzinfo=UTC),
        ),
    ]
    with newsqa.NewsQA.open(tmp_path, encoder=encoder) as qa:
        found = evaluate(qa, questions)
    assert found.answer_at[1] == found.mrr == found.answer_in_text == 1
    assert found.citations == found.valid_citations > 0
    assert (found.right_refusals, found.wrong_refusals) == (1, 0)
    assert found.search_p50 is not None
    assert found.search_p50 > 0
