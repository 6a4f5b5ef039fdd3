"""`python -m cli` is `rollcall`."""

from cli.main import main

if __name__ == "__main__":
    main()
