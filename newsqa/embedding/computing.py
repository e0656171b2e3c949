"""The one thread on which models compute, whoever asks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


class Computing:
    """One thread for every pass through a model, each in its turn.

    Torch keeps compiled kernels and buffers for each thread that calls it, and spreads a pass
    over all cores by itself: with a thread for each who asks, memory grows with every new one and
    passes only wait for each other.  A pass is one batch, so that a question waits for no more
    than one batch of a build.
    """

    def __init__(self) -> None:
        self._start()
        # A forked process has the executor but not its thread.
        os.register_at_fork(after_in_child=self._start)

    def _start(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="newsqa-model")
        self._inside = threading.local()

    def __call__(self, compute: Callable[[], _Result]) -> _Result:
        """What `compute` returns, called on that thread; raises what it raises."""
        if getattr(self._inside, "yes", False):
            return compute()
        return self._thread.submit(self._on_it, compute).result()

    def _on_it(self, compute: Callable[[], _Result]) -> _Result:
        self._inside.yes = True
        return compute()


computing = Computing()
