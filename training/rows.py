"""The reader data → training examples: filtered, cropped to what is read at once, with negatives.

Four kinds of negative stand beside the rows that come without an answer: passages that look
like the right one and don't hold the answer ("retrieved"), questions with one of their names or
numbers exchanged for another of the same passage ("swapped", after Jia and Liang 2017,
"Adversarial Examples for Evaluating Reading Comprehension Systems"), and, in `mine`, what
newsqa's own search finds in real news.
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from newsqa.evaluation import holds, normalise
from newsqa.synthesis.wording import NAME, NUMBER, TIME

PRONOUNS = frozenset(
    """i you he she it we they me him her us them his hers its theirs this that these those
    there here who which what one ones something someone himself herself itself
    themselves""".split()
)
LEAST_QUESTION_WORDS = 4
TITLE_SAYS_NOTHING = re.compile(r"^(Amazon_Reviews_\d+|Filtered_Reddit_Comments)$")
ORDINARY = ("squad-", "squadshifts/new_wiki", "tydiqa", "qamr-wikinews-passage")
"""Sources whose style is near news: negatives are made of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One question and one passage, and where the passage answers it."""

    question: str
    title: str
    context: str
    answers: tuple[tuple[int, int], ...]
    """Characters of the context, any of them right; empty where it holds no answer."""
    source: str
    group: int = -1
    """Examples of one question that are read beside each other; -1 for none."""
    labelled: bool = True
    """Whether `answers` is known; a teacher reads those of which it isn't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """What of the data is taken, how often, and how many negatives are made."""

    share: float = 1.0
    """Of the rows, chosen by chance."""
    informal: float = 0.4
    """Of the reviews and forum posts, which are little like news."""
    repeats: int = 2
    """Times that the rows with hand-written unanswerable questions are read."""
    retrieved: float = 0.25
    """Of the ordinary answerable rows that get a look-alike passage without the answer."""
    swapped: float = 0.15
    """Of the same rows that get a question about something else."""
    with_title: float = 0.7
    """Of the rows that have a title, those that show it."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of one file of the reader data."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def as_examples(rows: Sequence[dict[str, Any]], *, filtered: bool = True) -> list[Example]:
    """Rows as examples; `filtered` as the data page advises, each question and context once."""
    found: dict[tuple[str, ...], Example] = {}
    for row in rows:
        answers = tuple(
            (answer["start"], answer["start"] + len(answer["text"])) for answer in row["answers"]
        )
        if filtered and "qamr" in row["source"]:
            kept = tuple(
                (start, end)
                for start, end in answers
                if row["context"][start:end].casefold() not in PRONOUNS
            )
            if len(row["question"].split()) < LEAST_QUESTION_WORDS or (answers and not kept):
                continue
            answers = kept
        title = row.get("title") or ""
        example = Example(
            question=row["question"].strip(),
            title="" if TITLE_SAYS_NOTHING.match(title) else title.replace("_", " "),
            context=row["context"],
            answers=answers,
            source=row["source"],
        )
        key = (example.question, example.context)
        if filtered and key in found and bool(found[key].answers) == bool(answers):
            answers = tuple(sorted({*found[key].answers, *answers}))
            found[key] = replace(found[key], answers=answers)
        else:
            found[key if key not in found else (*key, row["id"])] = example
    return list(found.values())


def mix(examples: Sequence[Example], mixture: Mixture, *, seed: int) -> list[Example]:
    """The examples of one epoch, in no order yet."""
    chance = random.Random(f"mix {seed}")
    chosen = [example for example in examples if chance.random() < mixture.share]
    contexts = _Contexts([example.context for example in chosen])
    taken: list[Example] = []
    for example in chosen:
        informal = example.source.endswith(("reddit", "amazon_reviews"))
        if informal and chance.random() >= mixture.informal:
            continue
        times = mixture.repeats if example.source.startswith("squad-v2") else 1
        taken += [example] * times
        if not example.answers or not example.source.startswith(ORDINARY):
            continue
        if chance.random() < mixture.retrieved:
            taken += contexts.look_alike(example)
        if chance.random() < mixture.swapped:
            taken += _swapped(example, chance)
    return [
        example if chance.random() < mixture.with_title else replace(example, title="")
        for example in taken
    ]


class _Contexts:
    """The passages of the data, to find those that look like the right one."""

    def __init__(self, texts: Sequence[str]):
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._texts = sorted(set(texts))
        self._weights = TfidfVectorizer(sublinear_tf=True, stop_words="english")
        self._matrix = self._weights.fit_transform(self._texts).T.tocsr()

    def look_alike(self, example: Example, *, among: int = 20) -> list[Example]:
        """The passage nearest to the question that holds none of its answers, if there is one."""
        asked = self._weights.transform([example.question])
        near = (asked @ self._matrix).toarray()[0]
        golds = [example.context[start:end] for start, end in example.answers]
        for at in (-near).argsort(kind="stable")[:among]:
            text = self._texts[at]
            if text != example.context and not holds(text, golds):
                return [replace(example, context=text, answers=(), source="retrieved")]
        return []


def _swapped(example: Example, chance: random.Random) -> list[Example]:
    """The question with a name, date or number of it exchanged for another of the passage."""
    golds = " ".join(normalise(example.context[start:end]) for start, end in example.answers)
    for form in chance.sample([TIME, NUMBER, NAME], 3):
        asked = [m for m in form.finditer(example.question) if m.start() > 0]
        if not asked:
            continue
        found = chance.choice(asked)
        others = sorted(
            {
                m.group()
                for m in form.finditer(example.context)
                if normalise(m.group()) not in normalise(example.question)
                and normalise(m.group()) not in golds
                # The first word of a sentence is capitalised whatever it is.
                and re.search(r"[\w,;:] $", example.context[: m.start()])
            }
        )
        if others:
            question = (
                example.question[: found.start()]
                + chance.choice(others)
                + example.question[found.end() :]
            )
            return [replace(example, question=question, answers=(), source="swapped")]
    return []
