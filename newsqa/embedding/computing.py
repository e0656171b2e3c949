"""The two threads on which models compute, whoever asks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_Result = TypeVar("_Result")


THREADS = 2
"""One computes while the other waits for Python's lock: of one alone, under load, answers came a
tenth fewer (`benchmarks/load.py`)."""

SPREAD_FROM = 96
"""Tokens at once, padding included, from which a pass is worth spreading over the cores: of fewer,
as of a question, waiting for each other costs more than sharing spares (benchmarks/RESULTS.md)."""

WIDTHS = 16
"""Batches are padded to a multiple of so many tokens.  Torch compiles kernels for each shape that
it meets and keeps about a thousand: a megabyte for each reading of a shape not met before."""


class Computing:
    """A few threads for every pass through a model, each in its turn.

    Torch keeps compiled kernels and buffers for each thread that calls it, and spreads a pass
    over all cores by itself: with a thread for each who asks, memory grows with every new one and
    passes only wait for each other.  A pass is one batch, so that a question waits for no more
    than one batch of a build.
    """

    def __init__(self) -> None:
        self._start()
        # A forked process has the executor but not its threads.
        os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="newsqa-model")
        self._inside = threading.local()

    def __call__(self, compute: Callable[[], _Result], *, tokens: int = SPREAD_FROM) -> _Result:
        """What `compute` returns, called on one of them; raises what it raises.

        A pass over so many `tokens` stays on one core where they are few, else is spread over as
        many as `torch.get_num_threads` says where it is asked for.
        """
        if getattr(self._inside, "yes", False):
            return compute()
        import torch

        spread = 1 if tokens < SPREAD_FROM else torch.get_num_threads()
        try:
            running = self._threads.submit(self._within, compute, spread)
        except RuntimeError:  # the main thread has ended: no executor takes anything more
            return compute()
        return running.result()

    def _within(self, compute: Callable[[], _Result], spread: int) -> _Result:
        import torch

        self._inside.yes = True
        if torch.get_num_threads() != spread:  # which is kept for each thread
            torch.set_num_threads(spread)
        return compute()


computing = Computing()


def padding(window: int | None, trial: Callable[..., object]) -> dict[str, Any]:
    """What sentence-transformers is told so that batches get few widths, of a model's window.

    Nothing where `trial`, called with it, raises: a kind of model, or a release of the library,
    that pads as it likes.
    """
    if not window or window % WIDTHS:  # beyond its window a model may have no positions
        return {}
    options: dict[str, Any] = {"processing_kwargs": {"text": {"pad_to_multiple_of": WIDTHS}}}
    try:
        computing(lambda: trial(**options))
    except Exception:  # whatever it is
        return {}
    return options
