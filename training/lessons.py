"""Examples → lessons, what a network takes: windows of tokens with the spans that are right."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from newsqa.embedding.computing import WIDTHS
from newsqa.synthesis.reader import MAX_QUESTION_TOKENS, MAX_TITLE_TOKENS, Special
from training.rows import Example

MAX_TOKENS = 256
"""Of an example: less than what is read at once later, since most passages are shorter."""
SHARES = {(True, True): 0.5, (False, True): 0.375, (True, False): 0.125}
"""Where not all lessons are taken: of groups with labels, of rows alone, of groups without."""


def padded(tokens: int) -> int:
    """The width of a batch whose longest lesson has so many tokens."""
    return -(-tokens // WIDTHS) * WIDTHS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """An example as the network takes it: one window, and the spans of tokens that are right."""

    ids: npt.NDArray[np.uint16]
    """`[CLS] question [SEP] title [SEP] passage [SEP]`."""
    first: int
    """Place of the passage's first token among the ids."""
    spans: tuple[tuple[int, int], ...]
    """First and last token, as places among the ids; (0, 0) where there is no answer."""
    group: int
    labelled: bool = True
    """Whether the spans are known; where they aren't, only a teacher says what is right."""


def lessons(examples: Sequence[Example], tokenizer: Tokenizer, *, seed: int) -> list[Lesson]:
    """Each example in one window that holds an answer, placed by chance where there is a choice."""
    special = Special.of(tokenizer)
    texts = sorted({t for e in examples for t in (e.question, e.title, e.context)})
    encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
    ids = {t: np.array(e.ids, dtype=np.uint16) for t, e in zip(texts, encoded, strict=True)}
    answering = {e.context for e in examples if e.answers}
    offsets = {t: e.offsets for t, e in zip(texts, encoded, strict=True) if t in answering}
    return [
        _lesson(example, ids, offsets.get(example.context, ()), special=special, seed=seed)
        for example in examples
    ]


def _lesson(
    example: Example,
    ids: Mapping[str, npt.NDArray[np.uint16]],
    offsets: Sequence[tuple[int, int]],
    *,
    special: Special,
    seed: int,
) -> Lesson:
    title, passage = ids[example.title], ids[example.context]
    head = [special.cls, *ids[example.question][:MAX_QUESTION_TOKENS], special.sep]
    if len(title):
        head += [*title[:MAX_TITLE_TOKENS], special.sep]
    room, total = MAX_TOKENS - len(head) - 1, len(passage)
    spans = [span for answer in example.answers if (span := _tokens(answer, offsets))]
    start = 0
    if total > room:
        # Of each example its own: those that another run lacks change nothing of the others.
        chance = random.Random(f"crop {seed} {example.question} {example.context}")
        low, high = 0, total - room
        if spans:
            first, last = chance.choice(spans)
            low, high = max(0, min(last + 1 - room, first)), min(first, high)
        start = chance.randint(low, max(low, high))
    end = min(start + room, total)
    shown = [(a, b) for a, b in spans if start <= a and b < end]
    shift = len(head) - start
    return Lesson(
        ids=np.concatenate((head, passage[start:end], [special.sep])).astype(np.uint16),
        first=len(head),
        spans=tuple((a + shift, b + shift) for a, b in shown) or ((0, 0),),
        group=example.group,
        # What is longer than a window can't be pointed at, and isn't missing either.
        labelled=example.labelled and not (example.answers and not shown),
    )


def _tokens(answer: tuple[int, int], offsets: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The first and last token that the characters of an answer touch."""
    touched = [at for at, (a, b) in enumerate(offsets) if a < answer[1] and b > answer[0]]
    return (touched[0], touched[-1]) if touched else None


def chosen(rows: Sequence[Lesson], count: int, *, seed: int) -> list[Lesson]:
    """About so many lessons by chance, those of a group together, kinds by their `SHARES`."""
    units: dict[object, list[Lesson]] = {}
    for at, row in enumerate(rows):
        units.setdefault(("alone", at) if row.group < 0 else ("group", row.group), []).append(row)
    shuffled = list(units.values())
    random.Random(f"chosen {seed}").shuffle(shuffled)
    room = {kind: share * count for kind, share in SHARES.items()}
    found: list[Lesson] = []
    left: list[list[Lesson]] = []
    for unit in shuffled:
        kind = unit[0].group >= 0, unit[0].labelled
        if room.get(kind, 0) >= len(unit):
            room[kind] -= len(unit)
            found += unit
        else:
            left.append(unit)
    for unit in left:  # where there are fewer of a kind than its share
        if len(found) + len(unit) <= count:
            found += unit
    return found


def without(rows: Sequence[Lesson], others: Sequence[Lesson]) -> list[Lesson]:
    """Those of the rows that aren't others; a lesson that stands there twice is two."""
    known = set(map(id, others))
    return [row for row in rows if id(row) not in known]


def batches(
    rows: Sequence[Lesson], tokens: int, *, seed: int, times: int = 1
) -> list[list[Lesson]]:
    """All lessons in batches of like length, the batches in an order of chance, `times` over.

    Lessons of one group stay in one batch.
    """
    chance = random.Random(f"batches {seed}")
    units: dict[object, list[Lesson]] = {}
    for at, row in enumerate(rows):
        units.setdefault(("alone", at) if row.group < 0 else ("group", row.group), []).append(row)
    return [
        batch for _ in range(times) for batch in _pass(list(units.values()), tokens, chance=chance)
    ]


def _pass(units: list[list[Lesson]], tokens: int, *, chance: random.Random) -> list[list[Lesson]]:
    chance.shuffle(units)
    made: list[list[Lesson]] = []
    batch: list[Lesson] = []
    for unit in sorted(units, key=lambda unit: max(len(row.ids) for row in unit) // 4):
        width = padded(max(len(row.ids) for row in (*batch, *unit)))
        if batch and width * (len(batch) + len(unit)) > tokens:
            made.append(batch)
            batch = []
        batch = batch + unit
    if batch:
        made.append(batch)
    chance.shuffle(made)
    return made
