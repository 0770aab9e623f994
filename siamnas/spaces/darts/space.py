"""The space of DARTS (arXiv 1806.09055): a normal and a reduction cell, stacked to networks for CIFAR or ImageNet."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np

from siamnas.config.validate import Condition, Word
from siamnas.errors import InputError
from siamnas.spaces.darts import genotype
from siamnas.spaces.darts.cost import CELLS, DATASETS, NODES, OPERATIONS, SOURCES, Body, Images, edges, fixed
from siamnas.spaces.described.free import Known, OfView
from siamnas.spaces.described.language import dag
from siamnas.spaces.described.space import Described
from siamnas.spaces.described.views import Cell, Named, Value, View
from siamnas.spaces.domain import Rows

DESCRIPTION = {cell: dag(OPERATIONS, nodes=NODES, inputs=2, sources=SOURCES) for cell in CELLS}
COLUMNS = ("params", "macs")

Dataset = Annotated[str, Condition(f"one of {', '.join(DATASETS)}", lambda v: v in DATASETS)]


class Darts(Described):
    """Pairs of cells: 1.1e18 with equal ones.

    Cells that sum up the same operations in other groups count as equal; the next cell can tell them apart.

    Args:
        name: of the space.
        dataset: one of DATASETS, which decides the network, and with it the columns: `params` and `macs` are exact, see
            `siamnas.spaces.darts.cost.Cost`.
        constraints: on the columns, such as `params<=3.5e6`.
    """

    def __init__(self, name: str, dataset: str, constraints: Sequence[str] = ()) -> None:
        self.dataset = dataset
        body, images = DATASETS[dataset]
        network = "darts_imagenet" if body.large else "darts"
        columns = {what: CellCost(body, images, what) for what in COLUMNS}
        super().__init__(DESCRIPTION, name, columns, constraints, network=network, classes=images.classes)

    def parse(self, text: str) -> Rows:
        """See `Domain`; a genotype, too."""
        if not text.lstrip().startswith(genotype.WORD):
            return super().parse(text)
        try:
            return super().parse(_own(genotype.read(text)))
        except InputError as error:
            raise InputError(f"{self.name}: no architecture {error}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return Darts, (self.name, self.dataset, self.constraints)


class CellCost(OfView):
    """What a network costs: what is always there, and for each of the sixteen edges an entry of its table.

    Args:
        body: of the network.
        images: that it is for.
        what: `params` or `macs`.
    """

    def __init__(self, body: Body, images: Images, what: str) -> None:
        self._fixed = float(getattr(fixed(body, images), what))
        self._edges = {edge: float(getattr(cost, what)) for edge, cost in edges(body, images).items()}

    def __call__(self, choices: genotype.Choices) -> float:
        """See `OfView`."""
        chosen = [(cell, int(edge.partition("->")[0]), name) for cell in CELLS for edge, name in choices[cell].items()]
        return self._fixed + sum(self._edges[cell, begin < SOURCES, name] for cell, begin, name in chosen)

    def of(self, view: View) -> Known:
        """See `OfView`."""
        slots = list(_slots(view))
        table = np.zeros((len(slots), max(len(slot.begins) for slot in slots), len(OPERATIONS)))
        for part, slot in zip(table, slots, strict=True):
            for option, begin in enumerate(slot.begins):
                part[option] = [self._edges[slot.cell, begin < SOURCES, name] for name in OPERATIONS]
        number, chosen = np.arange(len(slots)), np.array([slot.operation for slot in slots])
        # Where there is nothing to take, any column, times 0.
        takes = np.array([slot.operation if slot.takes is None else slot.takes for slot in slots])
        chooses = np.array([slot.takes is not None for slot in slots])
        return lambda rows: self._fixed + table[number, rows[:, takes] * chooses, rows[:, chosen]].sum(axis=1)


class _Slot(NamedTuple):
    """An operation of a cell: the columns of what it takes, if that is a choice, and of itself.

    Attributes:
        cell: one of CELLS.
        takes: column; None where there is no choice.
        operation: column.
        begins: the node that it takes, for each option of `takes`.
    """

    cell: str
    takes: int | None
    operation: int
    begins: list[int]


def _slots(view: View) -> Iterator[_Slot]:
    """The sixteen operations."""
    assert isinstance(view, Named)
    for name, cell in view.parts.items():
        assert isinstance(cell, Cell)
        for (takes, parts), sets in zip(cell.nodes, cell.takes, strict=True):
            for seat, part in enumerate(parts):
                assert isinstance(part, Value)
                yield _Slot(name, takes, part.column, [some[seat] for some in sets])


def _own(choices: genotype.Choices) -> str:
    """Choices in the notation of the space: `normal=OP/OP/0+2/OP/OP/... reduce=...`."""
    told = []
    for cell, chosen in choices.items():
        words = []
        for end in genotype.CONCATENATED:
            begins = sorted(int(edge.partition("->")[0]) for edge in chosen if edge.endswith(f"->{end}"))
            words += ["+".join(map(str, begins))] if end > SOURCES else []  # the first one takes both sources
            words += [chosen[f"{begin}->{end}"] for begin in begins]
        told.append(f"{cell}={'/'.join(words)}")
    return " ".join(told)


def space(name: Word, dataset: Dataset, constraints: list[Word]) -> Darts:
    """The pairs of cells, with the cost of their networks for a data set; see `Darts`."""
    return Darts(name, dataset, constraints)
