"""How well a reader reads: EM and F1 on answerable rows, and how well it tells the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import nn

from newsqa.evaluation import exact_match, f1
from newsqa.synthesis.reader import Special, collate, windows
from training.rows import Example

MAX_SPAN_TOKENS = 24


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """The chance that one of the right scores above one of the wrong; None without both."""
    if not right or not wrong:
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([1] * len(right) + [0] * len(wrong), [*right, *wrong]))


@torch.inference_mode()
def read_all(
    network: nn.Module, tokenizer: Tokenizer, examples: Sequence[Example], *, batch: int = 24
) -> list[tuple[str, float, float]]:
    """Of each example: the best span's text, its lead over "no answer", and relevance."""
    special = Special.of(tokenizer)
    network.eval()
    device = next(network.parameters()).device
    rows = []
    for at, example in enumerate(examples):
        question, title, passage = tokenizer.encode_batch(
            [example.question, example.title, example.context], add_special_tokens=False
        )
        rows += [(at, row) for row in windows(question, title, passage, special)]
    rows.sort(key=lambda pair: len(pair[1].ids))
    best: dict[int, tuple[str, float, float]] = {}
    for begin in range(0, len(rows), batch):
        part = rows[begin : begin + batch]
        made = collate([row for _, row in part], special)
        logits = network(made.ids.to(device), made.types.to(device), made.mask.to(device))
        start, end, relevance = (part.float().cpu() for part in logits)
        for place, (at, row) in enumerate(part):
            a, b = start[place], end[place]
            inner = slice(row.first, row.first + len(row.offsets))
            scores = a[inner, None] + b[None, inner]
            size = len(row.offsets)
            allowed = torch.ones(size, size).triu().tril(MAX_SPAN_TOKENS - 1).bool()
            scores = scores.masked_fill(~allowed, -1e9)
            flat = int(scores.argmax())
            first, last = divmod(flat, size)
            lead = float(scores.flatten()[flat] - a[0] - b[0])
            text = examples[at].context[row.offsets[first][0] : row.offsets[last][1]]
            if at not in best or lead > best[at][1]:
                best[at] = (text, lead, float(relevance[place]))
    return [best[at] for at in range(len(examples))]


def measure(
    network: nn.Module, tokenizer: Tokenizer, examples: Sequence[Example]
) -> dict[str, dict[str, float | None]]:
    """By source: EM, F1 of the answerable, AUROC of lead and of relevance against the rest."""
    found = read_all(network, tokenizer, examples)
    sources: dict[str, list[int]] = defaultdict(list)
    for at, example in enumerate(examples):
        sources[example.source.replace("-unans(synthetic)", "")].append(at)
    report = {}
    for source, members in sorted(sources.items()):
        right = [at for at in members if examples[at].answers]
        wrong = [at for at in members if not examples[at].answers]
        golds = {at: [examples[at].context[a:b] for a, b in examples[at].answers] for at in right}
        report[source] = {
            "answerable": len(right),
            "EM": 100 * sum(exact_match(found[at][0], golds[at]) for at in right) / len(right),
            "F1": 100 * sum(f1(found[at][0], golds[at]) for at in right) / len(right),
            "unanswerable": len(wrong),
            "AUROC lead": auroc([found[i][1] for i in right], [found[i][1] for i in wrong]),
            "AUROC relevance": auroc([found[i][2] for i in right], [found[i][2] for i in wrong]),
        }
    return report
