"""`python -m siamnas` is `python -m siamnas.run`."""

from siamnas.cli.main import main

if __name__ == "__main__":
    main()
