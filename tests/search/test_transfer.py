"""Searches that begin with evaluations of another task."""

import json
from pathlib import Path

import numpy as np
import pytest

import siamnas
from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from siamnas.runner import run
from siamnas.search import transfer_sources
from tests.search.ask_tell import graphs, value

SPACE = graphs()
NAMES = SPACE.archs.tolist()
SOME = np.random.default_rng(0).permutation(len(SPACE))[:40].tolist()
OTHER = {NAMES[arch]: 10 * value(arch, SPACE) ** 2 for arch in SOME}  # the same order on another scale


def searching(**given):
    return siamnas.Search(SPACE, **{"budget": 8, "learn_from": [OTHER], **given})


def asked(search, count=None):
    """Evaluate so many, or all; their numbers in order."""
    found = []
    while (count is None or len(found) < count) and (archs := search.ask()):
        search.tell(archs, [value(arch, SPACE) for arch in archs])
        found += map(int, archs)
    return found


def test_it_begins_where_the_source_is_best_and_finds_more():
    label = np.array([value(arch, SPACE) for arch in range(len(SPACE))])
    found, alone = asked(searching(), 3), asked(siamnas.Search(SPACE, budget=8), 3)
    assert label[found[0]] > np.quantile(label, 0.95)
    assert label[found].max() > label[alone].max()


def test_the_top_of_a_source_is_gone_on_with_only_where_it_was_better_than_a_random_architecture():
    label = np.array([value(arch, SPACE) for arch in range(len(SPACE))])
    inverted = [{name: -own for name, own in OTHER.items()}]
    right, wrong = asked(searching(), 4), asked(searching(learn_from=inverted), 4)
    assert right[1] == wrong[1] and label[right[0]] > label[right[1]] > label[wrong[0]]  # the second one is random
    assert label[right[2:]].min() > np.quantile(label, 0.9)
    assert label[wrong[2:]].max() > label[wrong[0]] and not np.array_equal(wrong[2:], right[2:])


def test_a_failed_start_confirms_nothing():
    search = searching()
    for _ in range(2):
        search.tell(search.ask(), [None])
    assert len(asked(search)) == 6


@pytest.mark.parametrize("kind", ["inverted", "random"])
def test_a_source_that_misleads_does_not_hide_the_best(kind):
    told = np.array(list(OTHER.values()))
    told = -told if kind == "inverted" else np.random.default_rng(1).permutation(told)
    found = asked(searching(learn_from=[dict(zip(OTHER, told.tolist(), strict=True))], budget=25))
    label = np.array([value(arch, SPACE) for arch in range(len(SPACE))])
    assert label[found].max() >= np.sort(label)[-3]


def test_a_journal_keeps_what_it_learns_from(tmp_path):
    whole = asked(searching())
    with searching(journal=tmp_path / "own") as search:
        first = asked(search, 3)
    with siamnas.Search.open(tmp_path / "own") as search:
        assert first + asked(search) == whole
    with pytest.raises(InputError, match="sources: differs from that of the search"):
        searching(journal=tmp_path / "own", learn_from=[{NAMES[0]: 1.0}])


def test_all_forms_of_a_source_say_the_same(tmp_path):
    """A search, its journal, a file and values by number or name."""
    (tmp_path / "other.json").write_text(json.dumps({arch: own for arch, own in reversed(OTHER.items())}))
    with siamnas.Search(SPACE, budget=40, journal=tmp_path / "other") as other:
        other.add(OTHER)
        numbered = dict(zip(SOME, OTHER.values(), strict=True))
        forms = [
            other,
            tmp_path / "other",
            str(tmp_path / "other.json"),
            OTHER,
            numbered,
        ]
        told = [transfer_sources.given([form], SPACE, maximise=True) for form in forms]
    assert len({transfer_sources.digest(one) for one in told}) == 1


def test_failed_evaluations_are_left_out_and_signs_are_kept():
    ((told,),) = transfer_sources.given([{NAMES[0]: 3.0, NAMES[1]: None, NAMES[2]: 1.0}], SPACE, maximise=False)
    assert told.values == {NAMES[0]: -3.0, NAMES[2]: -1.0}


@pytest.mark.parametrize(
    ("learn_from", "message"),
    [
        ([{"nobody": 1.0}], r"learn_from\[0\]: nobody is no architecture of"),
        ([{999: 1.0}], r"learn_from\[0\]: 999 is no architecture"),
        ([{NAMES[0]: "good"}], r"learn_from\[0\], .*'good' must be a number"),
        ([{NAMES[0]: None}], r"learn_from\[0\]: holds no value to learn from"),
        ([3], r"learn_from\[0\]: must be a journal, a result.npz"),
        (OTHER, "learn_from: must be a list"),
        (["nowhere"], "search.sources=nowhere: must be a journal, a result.npz"),
        ([], r"search.sources=\[\]: must name at least one source"),
    ],
)
def test_what_is_no_source_is_refused_by_name(learn_from, message):
    with pytest.raises(InputError, match=message):
        searching(learn_from=learn_from)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY", b"[1, 2]"])
@pytest.mark.parametrize("name", ["result.npz", "values.json"])
def test_a_damaged_source_is_named(tmp_path: Path, content: bytes, name: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"search.sources=.*{name}"):
        searching(learn_from=[tmp_path / name])


def test_a_predictor_that_takes_no_sources_is_refused():
    with pytest.raises(InputError, match="search=transfer: Regressor learns from no sources; choose predictor=gp"):
        searching(predictor="forest", overrides=["search=transfer", "acquisition=ei"])


def test_an_initial_design_of_another_kind_is_refused():
    with pytest.raises(InputError, match="search.initial_design.kind=random: has no effect on search=transfer"):
        searching(overrides=["search=transfer", "search.initial_design.kind=random"])


def test_a_space_without_a_list_learns_from_other_tasks():
    def worth(arch):
        return -sum((place - 3) ** 2 for place in map(int, arch.choices.values()))

    domain = siamnas.Space.of_choices({f"x{place}": list(range(8)) for place in range(4)})
    other = siamnas.Search(domain, budget=25, seed=1)
    while archs := other.ask():
        other.tell(archs, list(map(worth, archs)))
    search = siamnas.Search(domain, budget=4, learn_from=[other])
    while archs := search.ask():
        search.tell(archs, list(map(worth, archs)))
    alone = siamnas.Search(domain, budget=4)
    while archs := alone.ask():
        alone.tell(archs, list(map(worth, archs)))
    assert search.best().value > alone.best().value


def job(*words):
    return configuration.load(*compose(["space=nb_macro", "predictor=gp", "repeats=2", "logger=none", *words]))


def test_a_job_is_known_by_what_its_sources_hold_not_by_where_they_lie(tmp_path):
    first, same, other = ({"22222222": value, "00000000": 1.0} for value in (2.0, 2.0, 3.0))
    identities = []
    for place, told in (("a,b=1.json", first), ("c.json", same), ("d.json", other)):
        (tmp_path / place).write_text(json.dumps(told))
        identities.append(job("search=transfer", f"search.sources=['{tmp_path / place}']").identity)
    assert identities[0] == identities[1] != identities[2]


def test_a_repeat_learns_from_its_own_repeat_of_a_result(tmp_path):
    words = ["search.n=6", "search.k=1", "search.depth=1"]
    result = siamnas.run("nb_macro", "random", overrides=words, repeats=2, out=str(tmp_path))
    told = transfer_sources.read(str(next(tmp_path.rglob("result.npz"))))
    made = build.benchmark(job().config)
    for repeat, evaluated in zip(told, result.arrays["evaluated"], strict=True):
        pairs = zip(made.space.archs[evaluated].tolist(), made.measured.label[evaluated].tolist(), strict=True)
        assert repeat.values == dict(pairs)


def test_the_values_of_a_file_are_in_the_direction_of_the_search(tmp_path):
    """They were taken as better where they are larger, so that a search for the least loss began with the worst."""
    (tmp_path / "other.json").write_text(json.dumps(OTHER))
    of_file, of_mapping = (
        transfer_sources.given([form], SPACE, maximise=False) for form in (str(tmp_path / "other.json"), OTHER)
    )
    assert of_file[0][0].values == of_mapping[0][0].values == {arch: -own for arch, own in OTHER.items()}
    table = tmp_path / "cells.csv"
    table.write_text("operations,edges,loss\nin conv out,0-1 1-2,0.5\nin pool out,0-1 1-2,0.9\n")
    words = ["space=table", f"space.path={table}", "space.metric=loss", "search=transfer", "predictor=gp", "search.n=2"]
    words += [f"search.sources=['{tmp_path / 'own.json'}']", "repeats=1", "logger=none"]
    (tmp_path / "own.json").write_text(json.dumps({"arch_0": 0.5, "arch_1": 0.9}))
    for maximise, best in (("true", 1), ("false", 0)):
        made = configuration.load(*compose([*words, f"space.maximise={maximise}", f"out={tmp_path}"]))
        assert run(made).result.arrays["evaluated"][0, 0] == best, "it begins with the best of its source"


def test_a_result_whose_table_has_changed_is_no_source(tmp_path):
    """Its labels are read from the table, which may be another one now."""
    table = tmp_path / "cells.csv"
    rows = "operations,edges,accuracy\n" + "".join(f"in {name} out,0-1 1-2,0.{i}\n" for i, name in enumerate("abcd", 1))
    table.write_text(rows)
    words = [f"space.path={table}", "search.n=3", "search.k=1", "search.depth=1"]
    path = siamnas.run("table", "random", overrides=words, repeats=1, out=str(tmp_path)).path
    (told,) = transfer_sources.read(str(path))
    assert told.values
    table.write_text(rows.replace("0.1", "0.9"))
    with pytest.raises(InputError, match="path does not hold any more what the result was computed from"):
        transfer_sources.read(str(path))
