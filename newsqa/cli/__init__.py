"""The newsqa command: parse, call, print.

What is heavy is imported where it is used, so that --help and mistakes are answered at
once.  Text of articles is data here too: whatever could control a terminal is taken out
before it is shown.
"""

from newsqa.cli.running import app, main

__all__ = ["app", "main"]
