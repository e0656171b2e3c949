"""Holding back what the model libraries write to the terminal, which is the cli's alone."""

from __future__ import annotations

import logging


class quiet:
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


class without_progress_bars:
    """Keeps fetching and loading weights from drawing bars."""

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
