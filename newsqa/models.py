"""The models that settings name, each loaded once a process."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from newsqa.config import LEARNED_RANKER, Chat, Embedding, Reading
from newsqa.embedding import Encoder, load_cross_encoder, load_encoder, load_entailment
from newsqa.retrieval import Ranker, by_cross_encoder, by_signals
from newsqa.synthesis import Entails, Reader, Writer

if TYPE_CHECKING:
    from newsqa.chat_models import BaseChatModel

_loading = threading.Lock()
"""Two first questions at once must not load a model twice."""


def encoder(settings: Embedding) -> Encoder:
    """Raises EncoderError."""
    with _loading:
        return _encoder(settings)


@cache
def _encoder(settings: Embedding, *, allow_download: bool = True) -> Encoder:
    return load_encoder(settings, allow_download=allow_download)


def encoder_of(recorded: str, settings: Embedding) -> Encoder:
    """The encoder that the settings name, else the one that an index says it was made with."""
    if settings.model != Embedding().model or recorded == settings.model:
        return encoder(settings)
    with _loading:
        return _encoder(replace(settings, model=recorded), allow_download=False)


def reader(settings: Reading) -> Reader | None:
    """None where none is to read; raises ReaderError."""
    with _loading:
        return _reader(settings)


@cache
def _reader(settings: Reading) -> Reader | None:
    from newsqa.synthesis.reader import load_reader

    return load_reader(settings)


def ranker(name: str) -> Ranker:
    """The learned one, or a cross-encoder of that name."""
    if name == LEARNED_RANKER:
        return by_signals
    with _loading:
        return _ranker(name)


@cache
def _ranker(name: str) -> Ranker:
    return by_cross_encoder(load_cross_encoder(name))


def entailment(name: str) -> Entails | None:
    """A model that says whether one text follows from another; None where none is named."""
    with _loading:
        return _entailment(name) if name else None


@cache
def _entailment(name: str) -> Entails:
    return load_entailment(name)


def writer(chat_model: str | BaseChatModel | None, settings: Chat) -> Writer | None:
    """Who writes answers, if anyone: what was given, or else what the settings name."""
    chosen = chat_model or settings.model
    if not chosen:
        return None
    # LangChain takes a second to import, which those without a chat model needn't spend.
    from newsqa import chat_models

    return chat_models.writer(chosen, seconds=settings.seconds)
