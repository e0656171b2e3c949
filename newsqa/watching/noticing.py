"""Being told by the operating system that something changed: the only place for watchfiles."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import watchfiles

TOGETHER = 400
"""Milliseconds in which changes are told as one."""
TICK = 1_000
"""Milliseconds between two looks at whether what is followed is still the same folder."""
RETRY = 60.0
"""Seconds until what can't be followed is tried again."""


class Noticing:
    """Says when there is something to look at below folders, and in the folders of files.

    It only says that a look is worth while, not at what: threads, one a folder, that end
    with `stop` or with the process.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        *,
        notify: Callable[[], None],
        complain: Callable[[Path, str], None],
    ):
        """`complain` is told once of each folder that can't be followed, and why."""
        self._notify = notify
        self._complain = complain
        self._stop = threading.Event()
        names: dict[Path, set[str]] = {}
        for root in roots:
            for path in (root, Path(os.path.realpath(root))):
                names.setdefault(path.parent, set()).add(path.name)
        # The folder of each root, for it may be a file, or yet to come; and what is below it.
        jobs: list[tuple[Path, frozenset[str] | None]] = [(root, None) for root in roots]
        jobs += [(folder, frozenset(wanted)) for folder, wanted in names.items()]
        self._threads = [
            threading.Thread(target=self._follow, args=job, name="newsqa-watch", daemon=True)
            for job in jobs
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all threads."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def _follow(self, folder: Path, names: frozenset[str] | None) -> None:
        """Follow a folder whenever it is there: all that is below it, or only some names in it."""

        def matters(_: watchfiles.Change, path: str) -> bool:
            name = os.path.basename(path)
            if names is not None:
                return name in names
            return path == str(folder) or not name.startswith(".")

        complained = False
        while not self._stop.is_set():
            followed = _identity(folder)
            if followed is None:
                self._stop.wait(TICK / 1000)
                continue
            # What happened before it was followed was told by nobody.
            begun = False
            try:
                for changes in watchfiles.watch(
                    folder,
                    watch_filter=matters,
                    debounce=TOGETHER,
                    stop_event=self._stop,
                    rust_timeout=TICK,
                    yield_on_timeout=True,
                    raise_interrupt=False,
                    recursive=names is None,
                    ignore_permission_denied=True,
                ):
                    if changes or not begun:
                        self._notify()
                    begun = True
                    # Deleted, or another one in its place (which may have the same number).
                    if (watchfiles.Change.deleted, str(folder)) in changes:
                        break
                    if _identity(folder) != followed:
                        break
                    if any(os.path.islink(path) for _, path in changes):
                        break  # a link is followed from the beginning only
            except FileNotFoundError:
                self._stop.wait(TICK / 1000)
            except (OSError, ValueError) as error:  # ValueError: its own name is no text
                if not complained:
                    self._complain(folder, str(error))
                    complained = True
                self._stop.wait(RETRY)
            except RuntimeError:  # about a change that it can't tell of: a name that is no text
                self._stop.wait(TICK / 1000)
            self._notify()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if folder.is_dir() else None
