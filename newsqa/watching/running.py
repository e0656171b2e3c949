"""Watch: follows sources and keeps an index up with them until it is told to stop."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsqa.articles.fetch import Fetched, fetch_changed
from newsqa.articles.politeness import Turns
from newsqa.building import OnProgress
from newsqa.config import DEFAULT_INDEX, Settings
from newsqa.embedding import Encoder
from newsqa.errors import IndexBusy, InputError, NewsQAError, SourceError
from newsqa.types import Progress
from newsqa.watching.addresses import Address, Addresses
from newsqa.watching.events import Event, Kind
from newsqa.watching.files import Files, Mark
from newsqa.watching.noticing import Noticing
from newsqa.watching.sources import sort_sources
from newsqa.watching.taking import Answered, Stopped, Taker

EVERY = 900.0
"""Seconds between two questions to one address."""
SETTLE = 2.0
"""Seconds for which a file must have been left alone to be read."""
LOOK_EVERY = 60.0
"""Seconds until files are looked at though nobody told of a change: not every disk tells."""
LOOK_SHARE = 20
"""A look that takes long is made so rarely that it takes at most one part in so many."""
RETRY = 1.0
"""Seconds until an index that can't be written to is tried again, doubled each time."""
LONGEST_RETRY = 15.0


@dataclass(frozen=True, slots=True)
class _Reply:
    """What came of asking an address."""

    address: Address
    outcome: Fetched | SourceError | None


class Watch:
    """Folders, files and addresses, followed; one `run` each."""

    def __init__(
        self,
        sources: str | Path | Iterable[str | Path],
        *,
        index: str | Path = DEFAULT_INDEX,
        tell: Callable[[Event], None],
        settings: Settings | None = None,
        encoder: Encoder | None = None,
        every: float = EVERY,
        settle: float = SETTLE,
        prune: bool = False,
        progress: OnProgress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """`tell` is called with each event, `progress` as by a build, both from `run`.

        With `prune`, articles whose file is gone from a folder are removed, at the start and
        from then on; of a file or folder that was named itself and is gone nothing is.
        Raises InputError where nothing that was named can be followed.
        """
        self._tell_event = tell
        self._limits = (settings or Settings()).loading
        self._clock = clock
        # The one queue that may be put to from within a signal handler.
        self._inbox: queue.SimpleQueue[_Reply | tuple[Path, str] | None] = queue.SimpleQueue()
        self._stopped = False
        named = sort_sources([sources] if isinstance(sources, str | Path) else sources)
        for skip in named.skipped:
            self._tell("skipped", origin=skip.origin, reason=skip.reason)
        roots, urls = named.roots, named.urls
        if not roots and not urls:
            raise InputError("nothing to follow: name files, folders or http(s) addresses")
        self._files = Files(roots, limits=self._limits, settle=settle)
        self._settle = settle
        turns = Turns(self._limits.host_delay_seconds, clock=clock)
        self._addresses = Addresses(urls, every=every, turns=turns, clock=clock)
        self._taker = Taker(
            Path(index),
            settings=settings,
            encoder=encoder,
            urls=urls,
            prune=prune,
            tell=self._tell,
            progress=progress or _ignore,
            stopping=lambda: self._stopped,
        )
        self._ready: dict[Path, Mark] = {}
        self._prune = prune
        self._gone: set[Path] = set()
        self._unpruned = set(roots) if prune else set()
        self._look_at = self._try_at = self._began = clock()
        self._looked = self._is_ready = self._opened = False
        self._tries = 0

    def stop(self) -> None:
        """Let `run` return soon; may be called from anywhere, signal handlers included."""
        self._stopped = True
        self._inbox.put(None)

    def run(self) -> None:
        """Bring the index up to date, then keep it so until `stop`.

        What goes wrong with a source, or with the index once it was opened, is told and
        tried again.  Raises what says at the start that the index can't be used.
        """
        paths, addresses = len(self._files.roots), len(self._addresses.all)
        said = [f"{paths:,} path{'s' * (paths != 1)}"] if paths else []
        said += [f"{addresses:,} address{'es' * (addresses != 1)}"] if addresses else []
        self._tell("started", reason=f"following {' and '.join(said)}")
        noticing = Noticing(
            self._files.roots,
            notify=lambda: self._inbox.put(None),
            complain=lambda folder, reason: self._inbox.put((folder, reason)),
        )
        noticing.start()
        reason = None
        try:
            while not self._stopped:
                self._step()
                self._wait()
        except Stopped:
            reason = "while adding: what was committed is kept, the next start does the rest"
        finally:
            noticing.stop()
            self._taker.close()
        self._tell("stopped", reason=reason, counts=self._counts())

    # One turn of the loop.

    def _step(self) -> None:
        now = self._clock()
        if self._files.roots and now >= self._look_at:
            self._look()
        for address in self._addresses.start():
            self._ask(address)
        if now >= self._try_at and self._has_work():
            self._take()
        self._say_ready()

    def _look(self) -> None:
        began = self._clock()
        look = self._files.look(now=began, wall=time.time())
        took = self._clock() - began
        self._ready = dict(look.ready)
        for skip in look.skipped:
            self._taker.counts["skipped"] += 1
            self._tell("skipped", origin=skip.origin, reason=skip.reason)
        for path in look.gone:
            kept = "what stood only there is removed" if self._prune else "what was in it stays"
            self._tell("gone", origin=str(path), reason=kept)
        if self._prune:
            self._gone.update(look.gone)
        for path in look.missing:
            reason = "no such file or folder: it is read as soon as it is there"
            self._tell("waiting", origin=str(path), reason=reason)
        again = max(self._settle / 2, 0.05) if look.unsettled else LOOK_EVERY
        self._look_at = began + took + max(again, took * LOOK_SHARE)
        # What never rests is not waited for.
        self._looked |= not look.unsettled or began - self._began > 10 * self._settle

    def _ask(self, address: Address) -> None:
        """Ask in a thread of its own, which nobody waits for."""

        def ask() -> None:
            outcome: Fetched | SourceError | None
            try:
                outcome = fetch_changed(address.url, self._limits, since=address.version)
            except SourceError as error:
                outcome = error
            except Exception as error:  # a defect that one address brings out
                outcome = SourceError(f"{type(error).__name__}: {error}")
            self._inbox.put(_Reply(address, outcome))

        threading.Thread(target=ask, name="newsqa-ask", daemon=True).start()

    def _units(self) -> list[Path | Answered]:
        held = [a for a in self._addresses.all if a.held is not None]
        answers = [Answered(url=a.url, answer=a.held) for a in held if a.held is not None]
        return [*self._ready, *answers]

    def _to_prune(self) -> list[Path]:
        """Folders to look through for articles whose files are gone."""
        if not self._looked:
            return []
        found = self._files.whole(self._unpruned) | self._files.around(self._gone)
        return sorted(folder for folder in found if found.isdisjoint(folder.parents))

    def _has_work(self) -> bool:
        return bool(self._units() or not self._opened or self._to_prune())

    def _take(self) -> None:
        files, held = self._ready, [a for a in self._addresses.all if a.held is not None]
        try:
            if self._taker.open():
                # Another index stands in its place: all is brought up to date again.
                self._files.forget()
                self._addresses.forget()
                self._look_at = self._clock()
            self._opened = True
            if units := self._units():
                self._taker.take(units)
            self._files.took(files)
            self._ready = {}
            for address in held:
                self._addresses.took(address)
            if folders := self._to_prune():
                self._taker.prune(folders)
                self._unpruned = _outside(self._unpruned, folders)
                self._gone = _outside(self._gone, folders)
        except IndexBusy as error:
            self._try_later(str(error), "waiting")
            return
        except (NewsQAError, OSError, MemoryError) as error:
            if not self._opened:
                raise
            self._taker.suspect()
            self._try_later(str(error) or type(error).__name__, "failed")
            return
        self._tries = 0

    def _try_later(self, reason: str, kind: Kind) -> None:
        wait = min(RETRY * 2.0 ** min(self._tries, 10), LONGEST_RETRY)
        self._try_at = self._clock() + wait
        if self._tries == 0:
            self._tell(kind, reason=f"{reason}; tried again until it can be written to")
        self._tries += 1

    def _say_ready(self) -> None:
        if self._is_ready or self._has_work() or not all(a.tried for a in self._addresses.all):
            return
        if self._looked or not self._files.roots:
            self._is_ready = True
            self._tell("ready", counts=self._counts())

    # Waiting.

    def _wait(self) -> None:
        """Until something happens or is due; then all that has happened."""
        now = self._clock()
        waits = [self._addresses.left()]
        if self._files.roots:
            waits.append(self._look_at - now)
        if self._has_work():
            waits.append(self._try_at - now)
        known = [wait for wait in waits if wait is not None]
        try:
            message = self._inbox.get(timeout=max(min(known), 0) if known else None)
            while True:
                self._hear(message)
                message = self._inbox.get_nowait()
        except queue.Empty:
            pass

    def _hear(self, message: _Reply | tuple[Path, str] | None) -> None:
        if message is None:
            self._look_at = min(self._look_at, self._clock())
        elif isinstance(message, tuple):
            folder, reason = message
            reason = f"{reason}: changes are looked for every {LOOK_EVERY:.0f} seconds instead"
            self._tell("failed", origin=str(folder), reason=reason)
        elif isinstance(message.outcome, SourceError):
            wait = self._addresses.failed(message.address, message.outcome)
            self._taker.counts["failed"] += 1
            held = getattr(message.outcome, "retry_after", None) is not None
            then = "its host is let alone for" if held else "asked again in"
            reason = f"{message.outcome}; {then} {wait:,.0f} seconds"
            self._tell("failed", origin=message.address.url, reason=reason)
        else:
            self._addresses.succeeded(message.address, message.outcome)

    # Telling.

    def _tell(self, kind: Kind, **fields: Any) -> None:
        self._tell_event(Event(kind=kind, at=datetime.now(UTC), **fields))

    def _counts(self) -> dict[str, int]:
        names = ("added", "updated", "unchanged", "removed", "skipped", "failed")
        return {name: self._taker.counts[name] for name in names}


def _outside(paths: Iterable[Path], folders: Iterable[Path]) -> set[Path]:
    """The paths that are neither among the folders nor below one."""
    inside = set(folders)
    return {path for path in paths if inside.isdisjoint((path, *path.parents))}


def _ignore(_: Progress) -> None:
    pass
