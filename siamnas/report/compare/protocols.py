"""The two readings of a result, and what figures say about each."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Protocol:
    """A reading of the curves.

    Attributes:
        name: in tests.
        stem: in file names.
        column: of the repeats; with `_mean` and `_std`, of the curves.
        title: behind the name of the benchmark in figures.
        axes: what is fixed -> what the other axis shows.
        captions: what is fixed -> the first sentence below a figure, with {noun} for the metric, {values} for what is
            fixed, and {figure} for that of the paper.
        free: the sentence about what learns nothing.
    """

    name: str
    stem: str
    column: str
    title: str
    axes: dict[str, str]
    captions: dict[str, str]
    free: str


MAIN = Protocol(
    name="main",
    stem="account",
    column="best",
    title="",
    axes={"n": "evaluations spent", "k": "evaluations spent, N + K (N grows)"},
    captions={
        "n": "Best {noun} of everything that was paid for, against the number of evaluations; the ranking begins after "
        "N = {values} of them (dotted line).",
        "k": "Best {noun} of everything that was paid for, after N + K evaluations, with K = {values}.",
    },
    free="What learns nothing has no N: its curve is the best so far of its order.",
)
TOPK = Protocol(
    name="topk",
    stem="topk",
    column="topk",
    title=": top-K only, top K alone",
    axes={"n": "N + K (K grows)", "k": "N + K (N grows)"},
    captions={
        "n": "The paper's own reading: best {noun} among the first K of the ranking alone, the N not credited, with "
        "N = {values} fixed and K growing (Figure 6a).",
        "k": "The paper's own reading: best {noun} among the top K alone, the N not credited, with K = {values} fixed "
        "and N growing (Figure {figure}).",
    },
    free="What learns nothing pays for its K only; it is drawn at the same N + K.",
)
PROTOCOLS = (MAIN, TOPK)
