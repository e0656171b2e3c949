"""What the process ends with."""

from __future__ import annotations

DONE = 0
FAILED = 1
NO_EVIDENCE = 3
PROBLEMS = 4
SKIPPED = 5
INTERRUPTED = 130
CLOSED = 141

EXPLAINED = """\b
Exit codes:
    0  done; a question was answered, a choice made; watch: asked to stop
    1  failed: the message on stderr says why and what to do
    2  wrong usage
    3  ask: the archive does not hold the answer; choose: it supports none
    4  check: problems were found; eval: a citation is not valid
    5  build --strict: something was skipped
  130  interrupted
  141  the reader of the output went away
"""
