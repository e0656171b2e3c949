"""The chat page over the default index: `python app.py`."""

import sys

from newsqa.errors import NewsQAError
from newsqa.web import serve

if __name__ == "__main__":
    try:
        serve()
    except NewsQAError as error:
        sys.exit(f"newsqa: {error}")
