"""(question, passage) → answer spans, a no-answer score and a relevance score.

A small encoder with a span head reads the question, the article's title and the passage
together (Devlin et al. 2019, "BERT", section 4.2 and 4.3): every pair of a start and an end
token is a span, the first token stands for "no answer here".
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from tokenizers import Encoding, Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from newsqa.config import Precision
from newsqa.config import Reading as ReadingSettings
from newsqa.embedding.bundled import bundled_folder
from newsqa.embedding.computing import WIDTHS, computing
from newsqa.embedding.precision import multiplying
from newsqa.embedding.quiet import quiet, without_progress_bars
from newsqa.errors import ReaderError
from newsqa.synthesis.reading import Part, Reader, Reading

MAX_TOKENS = 288
"""Of question, title and passage together; a longer passage is read in windows."""
MAX_QUESTION_TOKENS = 48
MAX_TITLE_TOKENS = 24
STRIDE = 64
"""Tokens that two windows of one passage share."""

BUNDLED_READER = "newsqa-reader"
"""The name of the weights that come with the package."""
NO_READER = "none"
BUNDLED_WEIGHTS = Path(__file__).parent / "reader.safetensors"
BUNDLED_SHA256 = "5910a5062ca3b7b98cd4707d6693be33cf7931cb85149e19873c903f12e47fdf"
"""Of the file as trained; benchmarks/RESULTS.md has the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the network reads at once: `[CLS] question [SEP] title [SEP] passage [SEP]`."""

    ids: tuple[int, ...]
    types: tuple[int, ...]
    first: int
    """Place of the passage's first token among the ids."""
    offsets: tuple[tuple[int, int], ...]
    """Of each token of the passage, characters of its text."""


class SpanNetwork(nn.Module):
    """Token ids → logits of a span's start and end at each token, and of relevance."""

    def __init__(self, config: BertConfig):
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.span = nn.Linear(config.hidden_size, 2)
        self.relevance = nn.Linear(config.hidden_size, 1)
        for head in (self.span, self.relevance):
            nn.init.normal_(head.weight, std=config.initializer_range)
            nn.init.zeros_(head.bias)

    def forward(
        self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """`(n, tokens)` ids, segment types and mask → `(n, tokens)` twice and `(n,)`."""
        states = self.encoder(
            input_ids=ids, token_type_ids=types, attention_mask=mask
        ).last_hidden_state
        start, end = self.span(states).unbind(-1)
        return start, end, self.relevance(states[:, 0]).squeeze(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """The ids of a tokenizer's marks."""

    cls: int
    sep: int
    pad: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Special:
        """Those of a BERT vocabulary.  Raises ReaderError for another one."""
        found = [tokenizer.token_to_id(mark) for mark in ("[CLS]", "[SEP]", "[PAD]")]
        first, separator, padding = found
        if first is None or separator is None or padding is None:
            raise ReaderError("the vocabulary has no [CLS], [SEP] or [PAD]; expected BERT's")
        return cls(cls=first, sep=separator, pad=padding)


def windows(
    question: Encoding,
    title: Encoding | None,
    passage: Encoding,
    special: Special,
    *,
    max_tokens: int = MAX_TOKENS,
) -> Iterator[Window]:
    """The windows in which a passage is read; all of them encoded without special tokens."""
    head = [special.cls, *question.ids[:MAX_QUESTION_TOKENS], special.sep]
    if title is not None and title.ids:
        head += [*title.ids[:MAX_TITLE_TOKENS], special.sep]
    room = max_tokens - len(head) - 1
    total = len(passage.ids)
    start = 0
    while True:
        end = min(start + room, total)
        yield window(head, passage, start, end, special)
        if end == total:
            return
        start = end - STRIDE


def window(
    head: Sequence[int], passage: Encoding, start: int, end: int, special: Special
) -> Window:
    """One window: what goes before, then the passage's tokens from `start` to `end`."""
    ids = (*head, *passage.ids[start:end], special.sep)
    return Window(
        ids=ids,
        types=(0,) * len(head) + (1,) * (len(ids) - len(head)),
        first=len(head),
        offsets=tuple(passage.offsets[start:end]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows as tensors, padded to the longest."""

    ids: torch.Tensor
    types: torch.Tensor
    mask: torch.Tensor
    readable: torch.Tensor
    """True at the tokens of the passage and at the first, which stands for no answer."""


def collate(rows: Sequence[Window], special: Special, *, multiple: int = 1) -> Batch:
    """Tensors `(n, tokens)` of some windows, as wide as the longest, rounded up to a multiple."""
    width = -(-max(len(row.ids) for row in rows) // multiple) * multiple
    ids = torch.full((len(rows), width), special.pad, dtype=torch.long)
    types = torch.zeros((len(rows), width), dtype=torch.long)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    readable = torch.zeros((len(rows), width), dtype=torch.bool)
    for at, row in enumerate(rows):
        length = len(row.ids)
        ids[at, :length] = torch.tensor(row.ids)
        types[at, :length] = torch.tensor(row.types)
        mask[at, :length] = 1
        readable[at, row.first : row.first + len(row.offsets)] = True
        readable[at, 0] = True
    return Batch(ids=ids, types=types, mask=mask, readable=readable)


class BundledReader:
    """A reading model of our own training, on the CPU.  Safe to share between threads."""

    def __init__(
        self,
        network: SpanNetwork,
        tokenizer: Tokenizer,
        *,
        name: str,
        batch_size: int = 8,
        precision: Precision = "auto",
    ):
        """`tokenizer` neither pads nor truncates; `batch_size` is in passages."""
        self._network = network.eval()
        self._tokenizer = tokenizer
        self._special = Special.of(tokenizer)
        self._batch_size = batch_size
        self._precision = precision
        self.name = name

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Each passage, a pair of its article's title ("" for none) and its text, read alone."""
        asked, *texts = self._tokenizer.encode_batch(
            [question, *(text for pair in passages for text in pair)], add_special_tokens=False
        )
        rows = [
            (at, row)
            for at in range(len(passages))
            for row in windows(asked, texts[2 * at], texts[2 * at + 1], self._special)
        ]
        parts: list[list[Part]] = [[] for _ in passages]
        relevance = [-np.inf] * len(passages)
        # By length: a batch is padded to its longest window.
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][1].ids))
        for begin in range(0, len(order), self._batch_size):
            chosen = [rows[i] for i in order[begin : begin + self._batch_size]]
            batch = collate([row for _, row in chosen], self._special, multiple=WIDTHS)
            start, end, relevant = computing(partial(self._read_batch, batch))
            for place, (at, row) in enumerate(chosen):
                inner = slice(row.first, row.first + len(row.offsets))
                parts[at].append(
                    Part(
                        offsets=np.array(row.offsets, dtype=np.int32).reshape(-1, 2),
                        start=start[place, inner].float().numpy(),
                        end=end[place, inner].float().numpy(),
                        no_answer=float(start[place, 0] + end[place, 0]),
                    )
                )
                relevance[at] = max(relevance[at], float(relevant[place]))
        return [
            Reading(parts=tuple(own), relevance=relevant)
            for own, relevant in zip(parts, relevance, strict=True)
        ]

    def _read_batch(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        with torch.inference_mode(), multiplying(self._precision, tokens=batch.ids.numel()):
            start, end, relevance = self._network(batch.ids, batch.types, batch.mask)
        return start, end, relevance


class HubReader:
    """A transformers model with a question-answering head.  Safe to share between threads."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str,
        batch_size: int = 8,
        precision: Precision = "auto",
    ):
        """`tokenizer` is a fast one: it says which characters a token stands for."""
        self._model, self._tokenizer = model.eval(), tokenizer
        # A tokenizer keeps its padding and truncation as state that a call changes.
        self._lock = threading.Lock()
        self._batch_size = batch_size
        self._precision = precision
        self._max_tokens = min(384, int(tokenizer.model_max_length))
        self.name = name

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[Reading]:
        """Each passage read alone; its title is not, since such models were taught without."""
        parts: list[list[Part]] = [[] for _ in passages]
        for begin in range(0, len(passages), self._batch_size):
            texts = [text for _, text in passages[begin : begin + self._batch_size]]
            encoded = self._encoded(question, texts)
            owners = encoded.pop("overflow_to_sample_mapping").tolist()
            offsets = encoded.pop("offset_mapping").numpy()
            found = computing(partial(self._read_batch, encoded))
            for at, owner in enumerate(owners):
                inner = np.array([part == 1 for part in encoded.sequence_ids(at)])
                start, end = (
                    logits[at].float().numpy() for logits in (found.start_logits, found.end_logits)
                )
                parts[begin + owner].append(
                    Part(
                        offsets=offsets[at][inner].astype(np.int32),
                        start=start[inner],
                        end=end[inner],
                        no_answer=float(start[0] + end[0]),
                    )
                )
        return [
            # Such a model says only by its spans whether a passage holds an answer.
            Reading(parts=tuple(own), relevance=max(_lead(part) for part in own))
            for own in parts
        ]

    def _read_batch(self, encoded: Any) -> Any:
        with (
            torch.inference_mode(),
            multiplying(self._precision, tokens=encoded.input_ids.numel()),
        ):
            return self._model(**encoded)

    def _encoded(self, question: str, texts: Sequence[str]) -> Any:
        with self._lock:
            asked = self._tokenizer(
                question,
                add_special_tokens=False,
                truncation=True,
                max_length=MAX_QUESTION_TOKENS,
                return_offsets_mapping=True,
            )["offset_mapping"]
            return self._tokenizer(
                # A question that leaves no room for the passage is an error of the library's.
                [question[: asked[-1][1] if asked else 0]] * len(texts),
                list(texts),
                truncation="only_second",
                max_length=self._max_tokens,
                stride=STRIDE,
                return_overflowing_tokens=True,
                return_offsets_mapping=True,
                padding=True,
                # Beyond its window a model may have no positions.
                pad_to_multiple_of=None if self._max_tokens % WIDTHS else WIDTHS,
                return_tensors="pt",
            )


def _lead(part: Part) -> float:
    return float(part.start.max() + part.end.max()) - part.no_answer if len(part.start) else -20.0


def load_reader(settings: ReadingSettings | None = None) -> Reader | None:
    """Load a reading model by `settings.model`; None where that is "none".

    The bundled weights, a folder, or a name on a hub (looked for on the network only where it
    isn't on this machine).  Nothing is unpickled and code that comes with a model is never run.

    Raises ReaderError where it can't be loaded or is not what it claims to be.
    """
    settings = settings or ReadingSettings()
    if settings.model == NO_READER:
        return None
    if settings.model == BUNDLED_READER:
        weights, digest = BUNDLED_WEIGHTS, BUNDLED_SHA256
    else:
        weights, digest = Path(settings.model), None
    if weights.suffix == ".safetensors":
        return BundledReader(
            read_weights(weights, digest=digest),
            plain_tokenizer(),
            name=settings.model,
            batch_size=settings.batch_size,
            precision=settings.precision,
        )
    return _load_hub(settings)


def plain_tokenizer() -> Tokenizer:
    """The bundled encoder's vocabulary, which neither pads nor truncates."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # "[SEP]" in a text is text, not a mark of ours.
    tokenizer.encode_special_tokens = True
    return tokenizer


def read_weights(path: Path, *, digest: str | None = None) -> SpanNetwork:
    """A network from a file that `training` wrote.

    Tensors are float16; a matrix with a companion "NAME.scale" is int8 with a scale a row.
    Raises ReaderError where the file is missing, damaged, or of another digest.
    """
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if digest is not None and found != digest:
            raise ReaderError(
                f"{path} has SHA-256 {found}, expected {digest}: these are not the weights "
                "that newsqa ships; reinstall newsqa"
            )
        with safe_open(path, framework="pt") as stored:
            config = json.loads((stored.metadata() or {})["config"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        network = SpanNetwork(BertConfig(**config))
        network.load_state_dict(
            {
                name: value.float() * tensors[f"{name}.scale"].float()
                if f"{name}.scale" in tensors
                else value.float()
                for name, value in tensors.items()
                if not name.endswith(".scale")
            }
        )
    except ReaderError:
        raise
    except Exception as error:  # the libraries raise whatever a damaged file leads them to
        raise ReaderError(
            f"the reading model {path} can't be loaded: {error}. Expected a .safetensors file "
            "written by newsqa's training"
        ) from error
    return network


def _load_hub(settings: ReadingSettings) -> HubReader:
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    def load(**options: Any) -> tuple[Any, Any]:
        model, about = AutoModelForQuestionAnswering.from_pretrained(
            settings.model,
            use_safetensors=True,
            trust_remote_code=False,
            output_loading_info=True,
            **options,
        )
        if about["missing_keys"]:  # the library would leave those to chance
            raise ValueError(f"it has no {', '.join(sorted(about['missing_keys']))}")
        return model, AutoTokenizer.from_pretrained(
            settings.model, trust_remote_code=False, **options
        )

    try:
        with quiet("transformers", "huggingface_hub"), without_progress_bars():
            try:
                model, tokenizer = load(local_files_only=True)
            except OSError:
                model, tokenizer = load()
        if not tokenizer.is_fast:
            raise ValueError("its tokenizer does not say which characters a token stands for")
    except Exception as error:  # the library raises whatever the file, the hub or torch raised
        raise ReaderError(
            f"reading model {settings.model!r} can't be loaded: {error}. Expected "
            f"{BUNDLED_READER!r}, {NO_READER!r}, a file written by newsqa's training, or a "
            "folder or name on a hub of a model with a question-answering head"
        ) from error
    return HubReader(
        model,
        tokenizer,
        name=settings.model,
        batch_size=settings.batch_size,
        precision=settings.precision,
    )
