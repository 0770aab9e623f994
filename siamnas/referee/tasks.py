"""The tasks of the leaderboard, one a line, and what a method may ask of them."""

import functools
from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.surrogate import Surrogate
from siamnas.config.compose import compose
from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.graphs.arrays import FloatArray
from siamnas.referee.noise import drawn_anew
from siamnas.seeding import stream
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark
from siamnas.spaces.described.space import Described
from siamnas.spaces.neighbours import Neighbourhood

REFERENCE = 2000  # random architectures of a space without a list, whose median and worst are those of the space


@dataclass(frozen=True)
class Task:
    """A benchmark as the leaderboard uses it.

    Attributes:
        name: for people.
        words: of a command line, which choose the space.
        family: tasks of one family share their architectures, so that they are no independent evidence.
        noise: whether every seed draws the noise of its labels anew, see `siamnas.referee.noise`.
    """

    name: str
    words: tuple[str, ...]
    family: str
    noise: bool = False


def _nb201(space: str, noise: bool = False) -> Task:
    """NAS-Bench-201; with noise a search sees single validation runs, and test accuracies are reported."""
    words = (f"space={space}", *["space.label.split=valid", "space.label.run=0"] * noise)
    return Task(f"{space}{'_noise' * noise}", words, "nb201", noise)


def _graphs(dataset: str) -> Task:
    """NAS-Bench-Graph: a search sees validation accuracies, test accuracies are reported."""
    words = ("space=nas_bench_graph", f"space.dataset={dataset}", "space.report.split=test")
    return Task(f"graph_{dataset}", words, "nas_bench_graph")


TASKS = {
    task.name: task
    for task in (
        _nb201("nb201_c10"),
        _nb201("nb201_c100"),
        _nb201("nb201_img16"),
        Task("tiny_nb201", ("space=tiny_nb201",), "nb201"),
        Task("nb_macro", ("space=nb_macro",), "nb_macro"),
        Task("nano_pilot", ("space=nano_pilot",), "nano"),
        *map(_graphs, ("cora", "citeseer", "computers", "arxiv")),
        *(_nb201(space, noise=True) for space in ("nb201_c10", "nb201_c100", "nb201_img16")),
        *(
            Task(f"accel_{form}", ("space=accel_nasbench", f"space.form={form}"), "mnasnet")
            for form in ("chain", "slots")
        ),
        Task("mnasnet", ("space=mnasnet",), "mnasnet"),
        *(Task(pool, ("space=ofa_mobilenetv3", f"space.pool={pool}"), "ofa") for pool in ("mit_ofa", "moofa")),
        *(Task(f"gpt_{scale}", ("space=gpt", f"space.scale={scale}"), "gpt") for scale in "sml"),
    )
}
DESCRIBED = (
    "mnasnet",
    "mit_ofa",
    "moofa",
    "gpt_s",
    "gpt_m",
    "gpt_l",
)  # spaces without a list, on which an evaluation takes longer to choose


def of(name: str) -> Task:
    """The task of a name.

    Raises:
        InputError: there is none.
    """
    if name not in TASKS:
        raise InputError(f"--tasks: unknown task {name}{near(name, list(TASKS))}; there are {', '.join(TASKS)}")
    return TASKS[name]


class Arena(ABC):
    """What is known of a task: its space for the methods, its labels for the referee.

    Attributes:
        task: of it.
        space_fields: the group `space` of its configuration.
        metric: of all values.
        optimum: the best reported value, NaN where it is not known.
        median: of the reported values of all architectures, or of `REFERENCE` random ones.
        worst: of the same.
    """

    task: Task
    space_fields: dict[str, Any]
    metric: Metric
    optimum: float
    median: float
    worst: float

    @abstractmethod
    def space(self) -> dict[str, Any]:
        """The space as a method is told of it, see `docs/referee.md`."""

    @abstractmethod
    def find(self, asked: Any) -> Hashable:
        """The architecture that a method asks for.

        Raises:
            InputError: there is none; of a list that is an error of the method, of a domain the method may ask again.
        """

    @abstractmethod
    def text(self, arch: Any) -> str:
        """Its name."""

    @abstractmethod
    def label(self, arch: Any, seed: int) -> float:
        """The value that a search of a seed sees; NaN where the evaluation failed."""

    @abstractmethod
    def reported(self, arch: Any) -> float:
        """The value that counts."""


class ListArena(Arena):
    """A space as a list of its architectures, which are row numbers."""

    def __init__(self, task: Task, space_fields: dict[str, Any], benchmark: Benchmark) -> None:
        self.task, self.space_fields, self.benchmark = task, space_fields, benchmark
        measured = benchmark.measured
        self.metric, self.optimum, self.median = measured.metric, measured.optimum, measured.median
        self.worst = float((measured.report * self.metric.sign).min() * self.metric.sign)
        self._numbers = {name: number for number, name in enumerate(benchmark.space.archs.tolist())}

    @functools.lru_cache(maxsize=4)  # noqa: B019 (an arena lives as long as its process)
    def labels(self, seed: int) -> FloatArray:
        """(M,) the values that a search of a seed sees."""
        measured = self.benchmark.measured
        if not self.task.noise:
            return measured.label
        return drawn_anew(measured.label, measured.report, stream(seed, f"noise of {self.task.name}"))

    def space(self) -> dict[str, Any]:
        """See `Arena`."""
        space = self.benchmark.space
        places = Neighbourhood(space).places
        options = [np.unique(place).tolist() for place in places.T]
        return {
            "name": self.task.name,
            "size": len(space),
            "archs": space.archs.tolist(),
            "operations": [space.operations(arch) for arch in range(len(space))],
            "edges": [space.edges(arch) for arch in range(len(space))],
            "columns": {name: np.asarray(values, float).tolist() for name, values in space.columns.items()},
            "choices": [{"name": f"place {i}", "options": own} for i, own in enumerate(options)],
            "rows": np.stack([np.searchsorted(own, places[:, i]) for i, own in enumerate(options)], axis=1).tolist(),
        }

    def find(self, asked: Any) -> int:
        """See `Arena`; by name or by number."""
        found = self._numbers.get(asked) if isinstance(asked, str) else asked
        if type(found) is not int or not 0 <= found < len(self._numbers):
            raise InputError(f"{asked!r:.80} is no architecture of {self.task.name}")
        return found

    def text(self, arch: int) -> str:
        """See `Arena`."""
        return str(self.benchmark.space.archs[arch])

    def label(self, arch: int, seed: int) -> float:
        """See `Arena`."""
        return float(self.labels(seed)[arch])

    def reported(self, arch: int) -> float:
        """See `Arena`."""
        return float(self.benchmark.measured.report[arch])


class DomainArena(Arena):
    """A space without a list, answered by a surrogate; architectures are their texts."""

    optimum = float("nan")

    def __init__(self, task: Task, space_fields: dict[str, Any], domain: Described, surrogate: Surrogate) -> None:
        self.task, self.space_fields = task, space_fields
        self.domain, self.surrogate = domain, surrogate
        self.metric = self.surrogate.metric
        values = self.surrogate.labels(self.domain.sample(stream(0, "reference"), REFERENCE)) * self.metric.sign
        self.median = float(np.median(values) * self.metric.sign)
        self.worst = float(values.min() * self.metric.sign)

    def space(self) -> dict[str, Any]:
        """See `Arena`."""
        return {
            "name": self.task.name,
            "size": self.domain.size,
            "choices": [{"name": name, "options": list(own)} for name, own in self.domain.options.items()],
            "constraints": list(map(str, self.domain.constraints)),
        }

    def find(self, asked: Any) -> str:
        """See `Arena`; by its text, or a row with the number of an option for every choice."""
        if isinstance(asked, str):
            return self.domain.describe(self.domain.parse(asked))
        sizes = [len(own) for own in self.domain.options.values()]
        numbers = isinstance(asked, list) and all(type(number) is int for number in asked)
        if not numbers or len(asked) != len(sizes) or not all(-1 <= n < s for n, s in zip(asked, sizes, strict=True)):
            raise InputError(f"{asked!r:.80} is no row of {len(sizes)} numbers of options of {self.task.name}")
        text = self.domain.describe(self.domain.normalised(np.array([asked], np.int16))[0])
        self.domain.parse(text)  # what the constraints forbid
        return text

    def text(self, arch: str) -> str:
        """See `Arena`."""
        return arch

    def label(self, arch: str, seed: int) -> float:
        """See `Arena`."""
        return self.reported(arch)

    def reported(self, arch: str) -> float:
        """See `Arena`."""
        return self.value(self.domain.parse(arch))

    def value(self, row: Any) -> float:
        """That of an architecture in the form of the domain."""
        return float(self.surrogate.labels(self.domain.stack([row]))[0])


@functools.cache
def arena(task: Task) -> Arena:
    """What is known of a task.

    Raises:
        InputError: its space can't be loaded, or nothing was measured of it.
    """
    config = configuration.load(*compose([*task.words, "predictor=random", "logger=none"])).config
    made = build.space_or_benchmark(config)
    if isinstance(made, Benchmark):
        return ListArena(task, config["space"], made)
    if isinstance(made, DomainBenchmark) and made.surrogate and isinstance(made.domain, Described):
        return DomainArena(task, config["space"], made.domain, made.surrogate)
    raise InputError(f"--tasks={task.name}: a space of which nothing was measured")
