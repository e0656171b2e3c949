"""Texts → unit vectors, and which model made them, verified."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from newsqa.config import Embedding, Precision
from newsqa.embedding.bundled import BUNDLED_MODEL, BUNDLED_SHA256, verified_folder
from newsqa.embedding.computing import computing, padding
from newsqa.embedding.precision import multiplying
from newsqa.embedding.quiet import quiet, without_progress_bars
from newsqa.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

CHARS_PER_TOKEN = 4
"""About; only to tell much from little."""


class Encoder(Protocol):
    """What the rest of newsqa needs of a model."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """Hex digest of the weights: two encoders with the same one give the same vectors."""

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """The window, special tokens included; what is beyond it is not seen."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not counted."""

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """`(n, dim)` float32, unit rows, in the order given; `progress` gets the number done."""


class SentenceEncoder:
    """A sentence-transformers model on the CPU.  Safe to share between threads."""

    def __init__(
        self,
        model: SentenceTransformer,
        *,
        name: str,
        fingerprint: str,
        batch_size: int,
        precision: Precision = "auto",
    ):
        self._model = model
        self._precision = precision
        # The tokenizer keeps its padding and truncation as state that a call changes.
        self._lock = threading.Lock()
        self._batch_size = batch_size
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 512)
        self._options = padding(
            self.max_tokens, partial(model.encode, ["a"], show_progress_bar=False)
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not counted."""
        if not texts:
            return []
        with self._lock, quiet("transformers.tokenization_utils_base"):
            encoded = self._model.tokenizer(
                list(texts), add_special_tokens=False, padding=False, truncation=False
            )
        return [len(ids) for ids in encoded["input_ids"]]

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """`(n, dim)` float32, unit rows, in the order given."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        # By length, longest first: a batch is padded to its longest text, and if memory
        # is going to run out it does so at the start.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for at in range(0, len(order), self._batch_size):
            batch = order[at : at + self._batch_size]
            some = [texts[i] for i in batch]
            tokens = len(some) * len(some[0]) // CHARS_PER_TOKEN
            vectors[batch] = computing(partial(self._encode_batch, some, tokens), tokens=tokens)
            if progress is not None:
                progress(len(batch))
        return vectors

    def _encode_batch(self, texts: list[str], tokens: int) -> Vectors:
        """Of about so many tokens, padding included."""
        with self._lock, multiplying(self._precision, tokens=tokens):
            encoded = self._model.encode(
                texts,
                batch_size=self._batch_size,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
                **self._options,
            )
        return np.asarray(encoded, dtype=np.float32)


def load_encoder(
    settings: Embedding | None = None, *, allow_download: bool = True
) -> SentenceEncoder:
    """Load a model by `settings.model`: the bundled weights, a folder, or a name on a hub.

    What is on this machine is taken from it; the network is asked only for what is not, and
    only where `allow_download`: pass False for a name that the user did not choose.  Code that
    comes with a model is never run.

    Raises EncoderError where it can't be loaded or is not what it claims to be.
    """
    settings = settings or Embedding()
    source, known_digest = _locate(settings.model)
    _refuse_code_in(source)
    try:
        with (
            quiet("sentence_transformers", "transformers"),
            without_progress_bars(),
            quiet("huggingface_hub"),  # sets its own level as it is imported, by the line above
        ):
            try:
                model = _load(source, local=True)
            except Exception:
                if not allow_download or known_digest is not None:
                    raise
                model = _load(source, local=False)
    except Exception as error:  # the library raises whatever the file, the hub or torch raised
        if allow_download or Path(source).is_dir():
            raise EncoderError(
                f"model {settings.model!r} can't be loaded: {error}. Expected "
                f"{BUNDLED_MODEL!r}, a folder, or a name on a hub that this machine reaches."
            ) from error
        raise EncoderError(
            f"model {settings.model!r} is not on this machine, and was not named in the settings, "
            "so it is not downloaded: to allow that, name it there "
            f"([embedding] model = {settings.model!r})"
        ) from error
    return SentenceEncoder(
        model,
        name=settings.model,
        fingerprint=known_digest or _digest_of_weights(model),
        batch_size=settings.batch_size,
        precision=settings.precision,
    )


def _load(source: str, *, local: bool) -> SentenceTransformer:
    if local and not Path(source).is_dir() and not _is_cached(source):
        raise EncoderError("it is not on this machine")
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(
        source, device="cpu", local_files_only=local, trust_remote_code=False
    )


def _is_cached(name: str) -> bool:
    """Whether the hub's cache knows the parts of a model.

    Where it only has the weights, the library would put a pooling of its own choice behind them.
    """
    from huggingface_hub import try_to_load_from_cache

    folder = os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    repositories = [name] if "/" in name else [f"sentence-transformers/{name}", name]
    return any(
        # A path, or a mark that the model is known to have no such file.
        try_to_load_from_cache(repository, "modules.json", cache_dir=folder) is not None
        for repository in repositories
    )


def _refuse_code_in(source: str) -> None:
    """Raise EncoderError where a folder's model is made of classes that aren't the library's.

    Some releases of the library import such a class from the folder, trusted or not.
    """
    try:
        modules = json.loads((Path(source) / "modules.json").read_bytes())
        named = [module["type"] for module in modules]
    except (OSError, ValueError, TypeError, KeyError):
        return  # no folder, or one that the library will refuse
    for name in named:
        if not str(name).startswith("sentence_transformers."):
            raise EncoderError(
                f"{Path(source) / 'modules.json'} names {name!r}, which is code of its own, "
                "expected parts of sentence_transformers only: it is not run; name another model"
            )


def _locate(name: str) -> tuple[str, str | None]:
    """Where the model is, and the digest of its weights where it is the bundled one."""
    if name != BUNDLED_MODEL:
        return name, None
    return str(verified_folder()), BUNDLED_SHA256


def _digest_of_weights(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().float().numpy().tobytes())
    return digest.hexdigest()
