"""Conversation: what one reader has asked so far, and which of it is still under way."""

from __future__ import annotations

from collections.abc import Iterator

from newsqa.web.turns import Turn

KEPT = 50
"""Turns that stay on the page."""
STOPPED = "Stopped."


class Conversation:
    """One reader's turns.  At most one is under way: the question that was asked last."""

    def __init__(self) -> None:
        self.turns: tuple[Turn, ...] = ()
        """Those that are over, oldest first."""
        self.user: str | None = None
        """Who is logged in, where one has to be."""
        self.asked = 0
        """Goes up with each question, and when one is stopped."""
        self._current: Turn | None = None

    def begin(self) -> int:
        """End what is under way for a new question; returns that one's number."""
        self.stop()
        return self.asked

    def follow(self, turns: Iterator[Turn], number: int) -> Iterator[Turn]:
        """The turns of one question, until it is over or stopped, as it is by the next one."""
        for turn in turns:
            if self.asked != number:
                return
            if turn.over:
                self._keep(turn)
            else:
                self._current = turn
            yield turn

    def stop(self) -> Turn | None:
        """End what is under way; returns it as far as it had got."""
        self.asked += 1
        if self._current is None:
            return None
        stopped = self._current.with_(problem=STOPPED)
        self._keep(stopped)
        return stopped

    def take_up(self, turns: tuple[Turn, ...]) -> None:
        """Go on where it was left."""
        self.turns = turns

    def until(self, number: int) -> tuple[Turn, ...]:
        """The turns before that of a number."""
        return tuple(each for each in self.turns if each.number < number)

    def forget(self) -> None:
        """End what is under way and drop everything."""
        self.stop()
        self.turns = ()

    def _keep(self, turn: Turn) -> None:
        # A turn that is over may come once more, with what goes beyond its answer.
        earlier = [each for each in self.turns if each.number != turn.number]
        self.turns = (*earlier, turn)[-KEPT:]
        self._current = None
