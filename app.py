"""The chat page: `python app.py`, with the options of `newsqa chat`."""

import sys

from newsqa.cli import main

if __name__ == "__main__":
    main(["chat", *sys.argv[1:]])
