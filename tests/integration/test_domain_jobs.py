"""Jobs, measurements and reports on spaces without a list."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import twins

import siamnas as package
from siamnas.candidates import drawn
from siamnas.jobs.store import Result
from siamnas.spaces.json_writer import write_folder
from tests.measure.conftest import CONF, table
from tests.support import Outcome

CONFIGS = ("--config-dir", str(CONF), "logger=none")
TRAIN = (
    "oracle=train", "space=lonely", "network=twin", "images=noise", "what=odd", "trainer=debug",
    "oracle.metric.column=convolutions", "oracle.metric.maximise=false", "oracle.workers=1",
)  # fmt: skip


@pytest.fixture
def job(siamnas, tmp_path: Path) -> Callable[..., Outcome]:
    """A job on the described twin, or with other words; results lie below `tmp_path`."""
    return lambda *words: siamnas(*CONFIGS, f"out={tmp_path}", "space=twin", "repeats=2", *words)


def only(folder: Path) -> Result:
    """The only result below a folder."""
    (path,) = folder.rglob("result.npz")
    return Result.load(path)


def texts(result: Result) -> list[list[str]]:
    """The architectures that each repeat has evaluated, in their order."""
    names = result.meta["architectures"]
    return [[names[arch] for arch in row] for row in result.arrays["evaluated"].tolist()]


def test_a_job_asks_what_siamnas_search_asks(job, tmp_path: Path) -> None:
    done = job("predictor=gp", "search.n=7", "seed=3")
    assert done.code == 0, done.err
    assert "values of a surrogate, a table" in done.out and "–" in done.out and "of the space" not in done.out
    result, benchmark = only(tmp_path), twins.cells("twin", 6)
    labels = {}
    for row, seed in zip(texts(result), (3, 4), strict=True):
        search = package.Search(benchmark.domain, "gp", 7, seed=seed)
        while archs := search.ask():
            value = benchmark.surrogate.labels(benchmark.domain.stack([benchmark.domain.parse(archs[0].name)]))[0]
            labels[archs[0].name] = value
            search.tell(archs, [value])
        assert row == search.history()["architecture"].tolist()
    best = np.maximum.accumulate([[labels[text] for text in row] for row in texts(result)], axis=1)
    np.testing.assert_array_equal(result.arrays["best"], best)
    found = [(row["architecture"], row["accuracy"]) for row in result.meta["found"]]
    assert all(labels[text] == value for text, value in found) and np.isnan(result.meta["optimum"])
    assert (abs(result.arrays["spearman"]) <= 1).all()


def test_a_result_is_the_same_however_its_repeats_are_cut(job, tmp_path: Path) -> None:
    for threads in (1, 2):
        done = job("predictor=random", "search=active", "search.n=9", f"trainer.threads={threads}", f"name=t{threads}")
        assert done.code == 0, done.err
    one, two = (only(tmp_path / f"t{threads}") for threads in (1, 2))
    assert one.meta["architectures"] == two.meta["architectures"] and one.meta["found"] == two.meta["found"]
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(array, two.arrays[name])


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("search=local", "search.start=3"), marks=pytest.mark.slow),
        pytest.param(("search=evolution", "search.population=3"), marks=pytest.mark.slow),
        ("search=nsga2", "search.population=3", "objective=convolutions"),
    ],
    ids=lambda words: words[0],
)
def test_walks_evaluate_different_architectures(words, job, tmp_path: Path) -> None:
    done = job(*words, "search.n=8")
    assert done.code == 0, done.err
    result, domain = only(tmp_path), twins.described("twin", 6)
    for row in texts(result):
        assert len(set(domain.key(domain.stack(list(map(domain.parse, row)))))) == 8
    assert np.isnan(result.arrays["spearman"]).all(), "they rank nothing"
    if "objective=convolutions" in words:
        assert set(result.meta["front"]["cost"]) <= set(result.arrays["cost"].ravel())


def test_a_ranking_of_a_sample_is_that_of_the_same_architectures_as_a_list(job, siamnas, tmp_path: Path) -> None:
    words = ("predictor=forest", "predictor.model.n_estimators=5", "search.n=8", "search.k=4", "search.depth=5")
    assert job(*words, "+search.sample=300").code == 0
    result = only(tmp_path)
    space = drawn.sample(twins.described("twin", 6), 300, {})
    assert len(space) == result.meta["cells"] == 300 and np.isnan(result.meta["optimum"])
    labels = twins.cells("twin", 6).surrogate.labels(space.rows)
    folder = tmp_path / "list"
    write_folder(space, folder, {"gt_accuracy": labels})
    types = json.dumps(space.node_types).replace('"', "")
    again = siamnas(
        *CONFIGS, f"out={tmp_path / 'again'}", "space=json", f"space.path={folder}", f"space.node_types={types}",
        "space.code.kind=none", "repeats=2", *words,
    )  # fmt: skip
    assert again.code == 0, again.err
    twin = only(tmp_path / "again")
    for name in ("evaluated", "best", "topk", "spearman"):
        np.testing.assert_array_equal(result.arrays[name], twin.arrays[name])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search=tpe",), "search=tpe: looks at a list of all architectures, and twin has none"),
        pytest.param(
            ("predictor=gp", "search=low_fidelity"), "search=low_fidelity: looks at a list", marks=pytest.mark.slow
        ),
        (("space=nb201_c10", "predictor=random", "+search.sample=9"), "search.sample=9: has no effect on nb201_c10"),
        (
            ("space=nb201_c10", "predictor=gp", "+search.candidates.random=9"),
            "search.candidates: has no effect on nb201",
        ),
        (("predictor=gp", "search.n=20000"), "search.n=20000: must be at most 15625"),
        (("predictor=gp", "objective=flops"), "objective=flops: no column flops; choose one of convolutions"),
        (("space=lonely", "predictor=gp"), "space=lonely: has no accuracies to search by; oracle=train"),
        (
            (*TRAIN, "predictor=gp", "what@code=response"),
            "what@code=response: has no effect on lonely, whose Estimation Codes are its free columns",
        ),
        (("search=local", "space=few", "search.n=4"), "search.n=4: only 3 different architectures of few are found"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_does_not_fit_is_said_in_one_sentence(words, said: str, job) -> None:
    shown = job(*words)
    assert shown.code == 2 and said in shown.err and "Traceback" not in shown.err


def test_a_search_from_the_shell_says_how_large_its_space_is(siamnas, tmp_path: Path) -> None:
    described = tmp_path / "own.yaml"
    described.write_text("space: {a: [1, 2, 3], b: [1, 2]}\n")
    for space, size in ((str(described), 6), ("gpt", 1903784282946)):
        journal = str(tmp_path / Path(space).stem)
        begun = siamnas("search", "start", journal, "--space", space, "--budget", "3")
        assert begun.code == 0, begun.err
        assert json.loads(begun.out)["architectures"] == size
        assert json.loads(siamnas("search", "status", journal).out)["architectures"] == size


def test_the_definition_of_a_space_belongs_to_the_identity_of_its_jobs(make_job) -> None:
    words = ("space=gpt", "predictor=random")
    base, same = make_job(*words), make_job(*words, "label=mine")
    assert base.identity == same.identity and "perplexity" in base.fingerprint["surrogate"]
    for word in ("space.constraints=[params<=9e7]", "space.scale=m"):
        other = make_job(*words, word)
        assert other.fingerprint["definition"] != base.fingerprint["definition"] and other.path != base.path


def test_a_job_trains_architectures_of_a_space_without_a_list(job, tmp_path: Path) -> None:
    done = job(*TRAIN, "predictor=gp", "search.n=5")
    assert done.code == 0, done.err
    result, measured = only(tmp_path), table(tmp_path)
    for row in result.meta["found"]:
        assert float(measured[row["architecture"]]["convolutions"]) == row["accuracy"]
    assert {text for row in texts(result) for text in row} == set(measured)
    assert "surrogate" not in done.out and result.arrays["query_seconds"][:, -1].tolist() == [2.5, 2.5]


def test_measured_architectures_without_a_list_become_a_list(siamnas, tmp_path: Path) -> None:
    words = ("measure", *CONFIGS, "space=lonely", "network=twin", "images=noise", "what=odd", "workers=1")
    for archs in ("archs=4", "archs=6"):
        shown = siamnas(*words, archs, f"out={tmp_path}")
        assert shown.code == 0, shown.err
    measured, domain = table(tmp_path), twins.described("lonely", 6)
    assert len(measured) == 6, "fewer are the first of more"
    counted = domain.graphs(domain.stack(list(map(domain.parse, measured)))).columns["convolutions"]
    assert [float(row["convolutions"]) for row in measured.values()] == counted.tolist()
    assert siamnas(*words, f"archs=['{next(iter(measured))}']", f"out={tmp_path}").code == 0
    assert len(table(tmp_path)) == 6, "it is there already"
    (folder,) = (path.parent for path in tmp_path.rglob("table.csv"))
    assert siamnas("measure", "export", str(folder), "--out", str(tmp_path / "files")).code == 0
    files = [json.loads(path.read_text()) for path in (tmp_path / "files").glob("*.json")]
    assert {one["id"] for one in files} == set(measured)
    assert all(one["convolutions"] == float(measured[one["id"]]["convolutions"]) for one in files)
    refused = siamnas(*words, f"out={tmp_path}")
    assert refused.code == 2 and "archs=null: lonely has no list" in refused.err
