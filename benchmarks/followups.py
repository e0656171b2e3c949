"""Follow-ups: whether what was said before finds the passage that a full wording would find.

    python benchmarks/followups.py
    python benchmarks/followups.py --year 2022 --index indexes/realtimeqa-2022
    python benchmarks/followups.py --first 2022 --index indexes/realtimeqa-2022

The first holds the conversations of `seeds/conversations.jsonl` with the sample archive, the second
those of `benchmarks/conversations-2022.jsonl` with a year of RealTime QA; each later turn is
searched for as worded by hand, with the archive's own answers to the turns before, and without,
and answered in the first two ways.
The third asks every question of the year's quiz and of `seeds/questions.jsonl`, which lean on
nothing, after turns about something else: how many are then read otherwise, and what that costs.

RealTime QA is described in the data folder's own README and is not part of this project.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import newsqa
from newsqa import evaluation
from newsqa.evaluation.conversations import TOPIC, Conversation, FollowUp
from newsqa.retrieval import understand
from newsqa.types import Answer, Query

sys.path.insert(0, str(Path(__file__).resolve().parent))
from realtimeqa import DATA, as_question, read_year

ROOT = Path(__file__).resolve().parents[1]
K = 5


def main() -> None:
    """Parse, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--year", type=int, help="conversations about a year of RealTime QA")
    parser.add_argument("--first", type=int, help="first questions of a year of RealTime QA")
    parser.add_argument("--index", type=Path, help="the year's index, as realtimeqa.py builds it")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--half", help='only "developed on" or "held out"')
    parser.add_argument("--show", action="store_true", help="every follow-up and its wording")
    options = parser.parse_args()
    year = options.year or options.first
    if year and not (options.index and (options.data / str(year)).is_dir()):
        print("skipped: this needs the year's data and --index")
        return
    if options.first:
        with newsqa.NewsQA.open(options.index) as qa:
            print(first_questions(qa, options.data / str(year)))
        return
    if options.year:
        conversations = of_the_year(options.data / str(year))
        with newsqa.NewsQA.open(options.index) as qa:
            report(qa, conversations, options.half, show=options.show)
        return
    with tempfile.TemporaryDirectory() as folder:
        newsqa.build([ROOT / "seeds" / "articles"], index=folder)
        with newsqa.NewsQA.open(folder) as qa:
            conversations = evaluation.read_conversations(ROOT / "seeds" / "conversations.jsonl")
            report(qa, conversations, options.half, show=options.show)


def of_the_year(folder: Path) -> list[Conversation]:
    """The conversations about a year, with the quiz's answers and days."""
    _, rows = read_year(folder, None)
    quiz = {row["id"]: as_question(row) for row in rows}
    found = []
    for each in evaluation.read_conversations(ROOT / "benchmarks" / "conversations-2022.jsonl"):
        asked = quiz[each.quiz or ""]
        last = dataclasses.replace(each.turns[-1], answers=asked.answers)
        found.append(dataclasses.replace(each, as_of=asked.as_of, turns=(*each.turns[:-1], last)))
    return found


def report(
    qa: newsqa.NewsQA, conversations: Sequence[Conversation], half: str | None, *, show: bool
) -> None:
    """Hold the conversations and print found@5 of the later turns, by half and by kind."""
    followups: list[FollowUp] = []
    for conversation in conversations:
        if half in (None, conversation.half):
            for each in evaluation.follow(qa, conversation, k=K):
                followups.append(each)
                if show:
                    print(
                        f"{each.by_hand or '-'} {each.with_history or '-'} {each.without or '-'} "
                        f"{each.likeness:.2f} [{each.turn.kind}] {each.turn.question}  →  "
                        f"{each.understood}   | {each.turn.standalone}",
                        flush=True,
                    )
    leaning = [each for each in followups if each.turn.kind != TOPIC]
    print(
        f"{'found@5':26}{'n':>4}{'by hand':>9}{'history':>9}{'without':>9}{'of hand':>9}  likeness"
    )
    for name in dict.fromkeys(each.conversation.half for each in followups):
        print(line(name, (each for each in leaning if each.conversation.half == name)))
    print(line("both", leaning))
    for kind in sorted({each.turn.kind for each in followups}):
        print(line(f"  {kind}", (each for each in followups if each.turn.kind == kind)))
    print(f"\n{'answered rightly, of':26}{'n':>4}{'text':>7}{'EM':>7}{'F1':>7}")
    for name in (*dict.fromkeys(each.conversation.half for each in followups), "both"):
        own = [each for each in followups if name in ("both", each.conversation.half)]
        print(answered(f"{name}, by hand", own, [each.answer_by_hand for each in own]))
        print(answered(f"{name}, history", own, [each.answer for each in own]))


def line(name: str, followups: Iterable[FollowUp]) -> str:
    """Shares found, and of those that the wording by hand finds, how many history finds too."""
    every = list(followups)
    hand = sum(each.by_hand is not None for each in every)
    found = sum(each.with_history is not None for each in every)
    without = sum(each.without is not None for each in every)
    both = sum(each.by_hand is not None and each.with_history is not None for each in every)
    like = sum(each.likeness for each in every) / max(1, len(every))
    share = f"{100 * both / hand:.1f} %" if hand else "–"
    return f"{name:26}{len(every):>4}{hand:>9}{found:>9}{without:>9}{share:>9}  {like:.2f}"


def answered(name: str, followups: Sequence[FollowUp], answers: Sequence[Answer]) -> str:
    """Share of the answers whose text holds a gold string, EM and F1 of the short ones, in %.

    A refusal is wrong.
    """
    both = [(answer, each.turn.answers) for each, answer in zip(followups, answers, strict=True)]
    short = [(answer.short or "", gold) for answer, gold in both]
    told = [answer.status == "answered" and evaluation.holds(answer.text, g) for answer, g in both]
    em = [evaluation.exact_match(said, gold) for said, gold in short]
    overlap = [evaluation.f1(said, gold) for said, gold in short]
    shares = (f"{100 * sum(each) / max(1, len(each)):>7.1f}" for each in (told, em, overlap))
    return f"{name:26}{len(both):>4}{''.join(shares)}"


def first_questions(qa: newsqa.NewsQA, folder: Path) -> str:
    """How first questions fare after turns about something else."""
    _, rows = read_year(folder, None)
    questions = [as_question(row) for row in rows]
    chance = random.Random(0)
    # Answers are dear: forty of them, a year apart at most, stand before all the others.
    before = [qa.ask(each.question, as_of=each.as_of) for each in chance.sample(questions, 40)]
    lines = ["", "first questions after an unrelated turn"]
    sample = evaluation.read_questions(ROOT / "seeds" / "questions.jsonl")
    for name, asked in ((f"quiz of {folder.name}", questions), ("sample questions", sample)):
        changed = []
        for question in asked:
            earlier = chance.choice([each for each in before if each.question != question.question])
            changed += [(question, earlier)] if reads_otherwise(qa, question, earlier) else []
        lines.append(f"{name}: {len(changed)} of {len(asked)} are read otherwise")
        lines += [f"    {q.question} → {read_after(qa, q, e).text}" for q, e in changed[:40]]
        if asked is questions:
            alone = {q.id: found(qa, q, ()) for q in asked}
            after = {**alone, **{q.id: found(qa, q, (e,)) for q, e in changed}}
            lines.append(
                f"    answer@5 without history {100 * sum(alone.values()) / len(asked):.1f}, "
                f"with it {100 * sum(after.values()) / len(asked):.1f}"
            )
    started = time.process_time()
    for question in questions:
        understand(question.question, history=before[:6], now=datetime.now(UTC))
    each = (time.process_time() - started) / len(questions)
    lines.append(f"understanding it with six answers before it: {1000 * each:.1f} ms of CPU")
    return "\n".join(lines)


def reads_otherwise(qa: newsqa.NewsQA, question: evaluation.Question, earlier: Answer) -> bool:
    """Whether a turn before makes the query another."""
    return read_after(qa, question, earlier) != read_after(qa, question, None)


def read_after(qa: newsqa.NewsQA, question: evaluation.Question, earlier: Answer | None) -> Query:
    """What a question is read as after a turn, as the archive reads it."""

    def text_of(article_id: str) -> str | None:
        article = qa.article(article_id)
        return article.text if article else None

    return understand(
        question.question,
        history=(earlier,) if earlier else (),
        as_of=question.as_of,
        since=question.since,
        until=question.until,
        text_of=text_of,
    )


def found(qa: newsqa.NewsQA, question: evaluation.Question, history: Sequence[Answer]) -> bool:
    """Whether one of the first five passages holds an answer."""
    hits = qa.search(question.question, K, history=history, as_of=question.as_of)
    return evaluation.answer_at_k([hit.passage.text for hit in hits], question.answers, K)


if __name__ == "__main__":
    main()
