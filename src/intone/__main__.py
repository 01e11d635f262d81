"""`python -m intone` is `intone`."""

from intone.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
