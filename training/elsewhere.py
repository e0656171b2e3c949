"""Questions of the reader data, asked of an archive that they were not made for.

Nobody has said which passage answers which: what a teacher makes of them is learned, most often
that there is no answer, sometimes that there is one after all.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.archive import Archive
from training.rows import ORDINARY, Example

PASSAGES = 4
"""Of a group: what the encoder finds nearest to one question; of equal ones one."""


def elsewhere(
    rows: Sequence[Example], archive: Archive, *, count: int, seed: int, first_group: int = 0
) -> list[Example]:
    """Groups without labels, of `count` questions by chance from the sources that are near news."""
    chance = random.Random(f"elsewhere {seed}")
    questions = sorted({row.question for row in rows if row.source.startswith(ORDINARY)})
    chosen = chance.sample(questions, min(count, len(questions)))
    return [
        Example(
            question=question,
            title=article.title or "",
            context=passage.text,
            answers=(),
            source="elsewhere",
            group=first_group + number,
            labelled=False,
        )
        for number, (question, places) in enumerate(
            zip(chosen, archive.near(chosen, PASSAGES), strict=True)
        )
        for passage, article in {
            archive.passages[at][0].text: archive.passages[at] for at in places
        }.values()
    ]
