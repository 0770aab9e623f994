"""Random descriptions of spaces, and the graph of an architecture built from its choices, slowly and by the book."""

from collections import Counter
from typing import Any

import networkx as nx
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.spaces.described import language
from siamnas.spaces.described.lowering import lower
from siamnas.spaces.described.names import layer_name
from siamnas.spaces.described.space import as_whole

SHARED = {"width": [16, 32, 64], "act": ["relu", "gelu"]}
TEXTS = ("conv", "conv5", "pool", "skip", "zero")

numbers = st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True)
texts = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3, unique=True)
values = st.one_of(
    numbers,
    st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True),
    st.just([True, False]),
    st.sampled_from(list(SHARED)).map(lambda name: language.choice(SHARED[name], name)),
)
layers = st.dictionaries(st.sampled_from(["k", "e", "mlp"]), values, min_size=1, max_size=2)
leaves = st.one_of(st.sampled_from(TEXTS), texts, numbers, layers)


def _larger(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Parts made of smaller ones."""
    return st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: language.chain(*some)),
        st.dictionaries(st.sampled_from("pqr"), parts, min_size=1, max_size=3).map(lambda some: language.chain(**some)),
        st.builds(_repeat, parts, st.integers(0, 2), st.integers(0, 2), st.booleans()),
        parts.map(language.optional),
        st.dictionaries(st.sampled_from("uvw"), st.one_of(st.none(), parts), min_size=1, max_size=3)
        .filter(lambda some: any(part is not None for part in some.values()))
        .map(language.choice),
        st.builds(
            lambda part, nodes, inputs, sources, output: language.dag(part, nodes, inputs, sources, output),
            parts, st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.sampled_from(["all", "loose"]),
        ),
        parts.map(lambda part: language.dag(part, edges=[(0, 1), (0, 2), (1, 2)])),
    )  # fmt: skip


def _repeat(part: Any, lo: int, more: int, same: bool) -> language.Repeat:
    return language.repeat(part, lo, max(lo + more, 1), same)


def _chooses(part: Any) -> bool:
    """Whether a description has a choice; those without one are refused."""
    try:
        lower(as_whole(part))
    except InputError:
        return False
    return True


descriptions = st.recursive(leaves, _larger, max_leaves=5).filter(_chooses)
"""At most five leaves, so that all rows of most of them can be listed."""


class Built:
    """The graph of an architecture: dead operations left out, identities spliced.

    Args:
        description: of the space.
        choices: of the architecture, as users read them.
    """

    def __init__(self, description: language.Part, choices: Any) -> None:
        self.graph = nx.MultiDiGraph()
        self.graph.add_node("input", label="input")
        self._marked = False
        if not isinstance(description, language.Chain):
            (choices,) = choices.values()
        elif description.names is None:
            choices = choices["chain"]
        ends = self._part(description, choices, Counter({"input": 1}), True, "")
        self.graph.add_node("output", label="output")
        self._connect(ends, "output")
        live = nx.ancestors(self.graph, "output") | {"input", "output"}
        self.graph = self.graph.subgraph(live)

    def equals(self, other: "Built") -> bool:
        """Whether two graphs are isomorphic."""
        edges = (nx.DiGraph(), nx.DiGraph())
        for made, one in zip(edges, (self.graph, other.graph), strict=True):
            made.add_nodes_from(one.nodes(data=True))
            for (begin, end), number in Counter((b, e) for b, e, _ in one.edges).items():
                made.add_edge(begin, end, number=number)
        return nx.is_isomorphic(*edges, lambda a, b: a["label"] == b["label"], lambda a, b: a["number"] == b["number"])

    def _connect(self, begins: Counter[Any], end: Any) -> None:
        for begin, number in begins.items():
            for _ in range(number):
                self.graph.add_edge(begin, end)

    def _operation(self, label: str, begins: Counter[Any]) -> Counter[Any]:
        """A node after some others, if anything leads to it."""
        marked, self._marked = self._marked, False
        if not begins or label == "zero":
            return Counter()
        if label == "skip" and not marked:
            return begins
        name = len(self.graph)
        self.graph.add_node(name, label=(label, marked))
        self._connect(begins, name)
        return Counter({name: 1})

    def _part(self, part: Any, value: Any, begins: Counter[Any], sure: bool, label: str) -> Counter[Any]:
        """What a part ends in; `sure`: it is there in all architectures; `label`: of the options that led here."""
        match part:
            case language.Fixed(name):
                return self._operation(name, begins)
            case language.Choice(parts=None):
                return self._operation(f"{label}{value}", begins)
            case language.Layer(properties):
                fixed = [(name, language.choice([value[name]])) for name, _ in properties]
                return self._operation(layer_name(fixed, label)[0], begins)
            case language.Choice(options, parts):
                ((name, inner),) = value.items()
                chosen = parts[options.index(name)]
                return begins if chosen is None else self._part(chosen, inner, begins, False, f"{label}{name}:")
            case language.Chain(parts, names):
                for number, one in enumerate(parts):
                    begins = self._part(one, value[names[number] if names else number], begins, sure, label)
                return begins
            case language.Optional(block):
                return begins if value is None else self._part(block, value, begins, False, label)
            case language.Repeat():
                return self._repeat(part, value, begins, sure, label)
            case language.Dag():
                return self._dag(part, value, begins, sure, label)

    def _repeat(self, part: language.Repeat, value: Any, begins: Counter[Any], sure: bool, label: str) -> Counter[Any]:
        if value and sure and part.lo and first_is_layer(part.block):
            self._marked = True
        elif value:
            begins = self._operation("start", begins)
        for time, inner in enumerate(value):
            begins = self._part(part.block, inner, begins, sure and time < part.lo, label)
        return begins

    def _dag(self, part: language.Dag, value: Any, begins: Counter[Any], sure: bool, label: str) -> Counter[Any]:
        sources = part.sources
        nodes = [self._operation(f"source_{i}", begins) for i in range(sources)] if sources > 1 else [begins]
        taken = set()
        for target in range(sources, sources + len(part.takes)):
            total: Counter[Any] = Counter()
            for key, inner in value.items():
                begin, end = map(int, key.split("->"))
                if end == target:
                    taken.add(begin)
                    total += self._part(part.operation, inner, nodes[begin], sure, label)
            nodes.append(total)
        ends = [node for node in range(sources, len(nodes)) if not part.loose or node not in taken]
        return sum((nodes[node] for node in ends), Counter())


def first_is_layer(part: Any) -> bool:
    """Whether a block begins with a layer."""
    if isinstance(part, language.Chain):
        return first_is_layer(part.parts[0])
    return isinstance(part, language.Fixed | language.Layer) or (
        isinstance(part, language.Choice) and part.parts is None
    )
