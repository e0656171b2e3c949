"""`python -m newsqa` is `newsqa`."""

from newsqa.cli import main

if __name__ == "__main__":
    main()
