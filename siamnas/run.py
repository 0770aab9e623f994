"""`python -m siamnas.run`: the command line of `siamnas`. Nothing imports this module."""

from siamnas.cli.main import main

if __name__ == "__main__":
    main()
