"""`space=nas_bench_graph`: graphs and accuracies against a slow reading of the table."""

import numpy as np
import pytest

from siamnas.benchmarks import shipped
from siamnas.errors import InputError
from siamnas.spaces.nas_bench_graph import NAMES
from tests.spaces.shipped import make

TABLE = dict(shipped.load("nas_bench_graph.npz"))
FACTS = [  # best validation accuracy, its networks, their test accuracy
    ("cora", 0.81933333, ["0123 cheb gcn gat gin", "0123 fc gat fc gin"]),
    ("citeseer", 0.728, ["0012 gcn gcn sage sage"]),
    ("computers", 0.919, ["0122 cheb gat cheb cheb"]),
    ("arxiv", 0.73666667, ["0123 cheb arma cheb cheb"]),
]


@pytest.mark.parametrize(("dataset", "optimum", "best"), FACTS, ids=[fact[0] for fact in FACTS])
def test_the_best_networks(dataset: str, optimum: float, best: list[str]):
    made = make("nas_bench_graph", dataset=dataset)
    found = made.measured
    assert found.optimum == pytest.approx(optimum, abs=1e-4) and found.metric.noun == "accuracy"
    assert made.space.archs[found.label == found.label.max()].tolist() == best
    assert set(made.space.columns) == {"params"} and set(found.columns) == {"latency"}


def test_graphs_are_trees_whose_leaves_lead_to_the_output():
    space = make("nas_bench_graph").space
    assert len(space) == 26_206 and len(np.unique(space.archs)) == 26_206
    for arch in np.random.default_rng(0).choice(len(space), 300, replace=False):
        links, operations = TABLE["links"][arch].tolist(), [NAMES[i] for i in TABLE["operations"][arch]]
        edges = {(link, node) for node, link in enumerate(links, start=1)}
        edges |= {(node, 5) for node in range(1, 5) if node not in links}
        assert set(space.edges(arch)) == edges
        assert space.operations(arch) == ["input", *operations, "output"]
        assert space.archs[arch] == f"{''.join(map(str, links))} {' '.join(operations)}"


def test_other_labels_and_parts():
    valid, test = (make("nas_bench_graph", label__split=split).measured for split in ("valid", "test"))
    assert valid.label_name == "valid_mean" and test.label_name == "test_mean" and test.report is not test.label
    part = make("nas_bench_graph", constraints=["params<=0.1"]).space
    assert 0 < len(part) < 26_206 and part.columns["params"].max() <= 0.1
    with pytest.raises(InputError, match=r"space\.dataset=.*cora"):
        make("nas_bench_graph", dataset="pubmed")
    with pytest.raises(InputError, match="latency"):
        make("nas_bench_graph", constraints=["latency<=0.1"])
