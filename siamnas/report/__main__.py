"""`python -m siamnas.report` is `siamnas report`."""

from siamnas.report.command import main

if __name__ == "__main__":
    main()
