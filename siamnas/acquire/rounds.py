"""The fields of the rules that work in equal rounds."""

from dataclasses import dataclass

from siamnas.schema import Count, Word


@dataclass
class Fields:
    """See `conf/acquire/top.yaml`."""

    _target_: Word
    rounds: Count
