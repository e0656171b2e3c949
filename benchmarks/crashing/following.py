"""What may be committed in an index, from what its processes announced and did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from .faults import Fault
from .model import Change, Model, Operation
from .processes import said

_CALLS = {"put": 150, "folder": 150, "withdraw": 80, "compact": 120, "repair": 150}
"""How many calls that change a file an operation makes, to begin with: learned as it goes."""


class Known:
    """Follows one index; `find` is told what is wrong with what its processes did."""

    def __init__(self, *, find: Callable[[str], None], counts: Counter[str], compiled: bool):
        self.states = [Model()]
        """All that may be committed now: more than one after a kill, until it was looked at."""
        self.gone: list[tuple[str, int]] = []
        """Versions of articles that were replaced or taken out, the latest last."""
        # Python makes far fewer of its own.
        self.calls = {kind: n if compiled else n // 8 for kind, n in _CALLS.items()}
        self._keys: dict[tuple[str, int], list[str]] = {}
        """Of the vectors of each version of an article that was ever announced."""
        self._find = find
        self._counts = counts

    def follow(
        self, log: Path, operations: Sequence[Operation], fault: Fault, *, alone: bool
    ) -> list[list[Model]]:
        """Read what a process announced and did; the states that there were, one after another."""
        states, before = self.states, self.states
        history = [states]
        pending: Change | None = None
        keys: dict[str, list[str]] = {}
        for line in said(log):
            if "begin" in line:
                before = states
            elif "encode" in line:
                self._embedded(line["encode"], states)
            elif "intend" in line:
                known = line["intend"]
                keys = known.pop("keys")
                pending = Change(**known)
                self._announced(pending, keys, states)
            elif "committed" in line:
                assert pending is not None
                states = [state.after(pending) for state in states]
                history.append(states)
                pending = None
            elif "failed" in line:
                self._failed(line, operations, fault, alone=alone)
                if pending is not None:
                    # Whether it was committed before what failed is not said.
                    states = states + [state.after(pending) for state in states]
                    history.append(states)
                    pending = None
            elif "end" in line:
                operation = operations[line["end"]]
                states = self._completed(operation, before, states)
                history.append(states)
                calls = self.calls[operation.kind]
                self.calls[operation.kind] = int(0.7 * calls + 0.3 * line["calls"])
                for problem in line["problems"]:
                    self._find(f"repair left: {problem}")
                self._counts["operations"] += 1
        if pending is not None:
            states = states + [state.after(pending) for state in states]
            history.append(states)
        self.states = different(states)
        return history

    def _completed(
        self, operation: Operation, before: Sequence[Model], states: Sequence[Model]
    ) -> list[Model]:
        expected = [state.done(operation) for state in before]
        agreed = [
            wanted
            for state in states
            for wanted in expected
            if state.articles == wanted.articles and state.history == wanted.history
        ]
        if not agreed:
            self._find(
                f"{operation.kind} of {operation.rows or operation.ids} led from "
                f"{before[0].articles} to {states[0].articles}"
            )
            return list(states)
        return different(agreed)

    def _failed(
        self, line: dict[str, Any], operations: Sequence[Operation], fault: Fault, *, alone: bool
    ) -> None:
        if not alone and "IndexBusy" in line["error"]:
            return  # the reader was putting right, as it opened it, what was left
        full = fault.how in ("full", "full once", "limit") and line["failed"] == fault.operation
        read = operations[line["failed"]].kind == "compact" and not alone
        self._counts["named failures"] += 1
        if not full and not (read and "run this again" in line["error"]):
            self._find(f"operation {line['failed']} failed: {line['error']}")

    def _embedded(self, keys: Iterable[str], states: Sequence[Model]) -> None:
        """Of what may be committed, one state at least has nothing that is embedded again."""
        again = set(keys)
        if all(
            any(again & set(self._keys[pair]) for pair in state.articles.items())
            for state in states
        ):
            self._find("what was committed was embedded again")

    def _announced(self, change: Change, keys: dict[str, list[str]], states: list[Model]) -> None:
        for article_id, version in change.put.items():
            self._keys[article_id, version] = keys[article_id]
        for state in states:
            for article_id in (*change.out, *change.put):
                replaced = state.articles.get(article_id)
                if replaced is not None and change.put.get(article_id) != replaced:
                    self.gone.append((article_id, replaced))


def different(states: Iterable[Model]) -> list[Model]:
    kept: list[Model] = []
    for state in states:
        if state not in kept:
            kept.append(state)
    return kept
