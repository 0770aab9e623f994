"""How all tests are done: the family, the pairs, the direction, the words; and the reference of all."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siamnas.errors import InputError
from siamnas.report.compare import paired
from siamnas.report.compare.paired import choose_references
from siamnas.report.compare.tests import holm, interval, sign_flip
from siamnas.report.write.headlines import headline
from tests.report.support import C100, LOSS, collection, repeats, runs

RNG = np.random.default_rng(1)
ZERO = RNG.normal(0.72, 0.005, 40)
GOOD, SAME, BAD = (ZERO + RNG.normal(by, 0.005, 40) for by in (0.005, 0.0001, -0.005))
REFERENCES = {C100.name: "zero"}


def test_a_row_is_about_the_difference_of_the_means():
    tidy = [repeats("zero", ZERO), repeats("good", GOOD[:30], seed=range(10, 40)), repeats("bad", BAD)]
    tests = paired.compare(collection(tidy), REFERENCES)
    assert list(tests.columns) == paired.COLUMNS
    assert list(tests["method"]) == ["good", "bad"], "n - 1 comparisons, none among the others"
    row = tests.iloc[0]
    difference = GOOD[:30] - ZERO[10:]
    assert row["pairs"] == 30 and row["reference"] == "zero" and row["protocol"] == "main"
    assert row["difference"] == pytest.approx(GOOD[:30].mean() - ZERO[10:].mean())
    assert row["median_difference"] == pytest.approx(np.median(difference))
    assert row["p"] == sign_flip(difference[None])[0]
    assert (row["low"], row["high"]) == tuple(end[0] for end in interval(difference[None]))
    assert row["low"] < row["difference"] < row["high"]


@pytest.mark.parametrize("sign", [1, -1])
def test_the_verdict_follows_the_metric_and_the_corrected_p(sign: int):
    tidy = [
        repeats(name, 1 + sign * values)
        for name, values in {"bad": BAD, "zero": ZERO, "same": SAME, "good": GOOD}.items()
    ]
    benchmark = C100 if sign > 0 else replace(C100, metric=LOSS)
    tests = paired.compare(collection(tidy, benchmark), REFERENCES).set_index("method")
    assert dict(tests["verdict"]) == {"bad": "behind", "same": "not distinguishable", "good": "ahead"}
    assert (np.sign(tests["difference"]) == [-sign, np.sign(tests.loc["same", "difference"]), sign]).all()
    np.testing.assert_allclose(tests["holm_p"], holm(tests["p"].to_numpy()))


def test_more_methods_make_it_harder():
    """What one comparison can tell apart, twenty cannot."""
    weak = ZERO + np.where(np.arange(40) < 27, 0.001, -0.001)
    others = [repeats(f"other {i}", ZERO + RNG.permutation(40) * 1e-4 * (-1) ** np.arange(40)) for i in range(19)]
    alone = paired.compare(collection([repeats("zero", ZERO), repeats("weak", weak)]), REFERENCES)
    among = paired.compare(collection([repeats("zero", ZERO), repeats("weak", weak), *others]), REFERENCES)
    assert alone["verdict"].item() == "ahead" and len(among) == 20
    assert among.loc[among["method"] == "weak", "verdict"].item() == "not distinguishable"


def test_each_budget_and_protocol_is_a_family_of_its_own():
    tidy = [
        repeats(name, best, topk=top, n=n, k=k)
        for n, k in ((30, 10), (30, 20), (60, 10))
        for name, best, top in (("zero", ZERO, GOOD), ("bad", BAD, GOOD), ("good", GOOD, ZERO))
    ]
    tests = paired.compare(collection(tidy), REFERENCES)
    families = tests.groupby(paired.KEYS)
    assert len(families) == 2 * 3 and set(families.size()) == {2}
    for _, family in families:
        np.testing.assert_allclose(family["holm_p"], holm(family["p"].to_numpy()))
    told = tests[(tests["n"] == 30) & (tests["k"] == 10)].set_index(["protocol", "method"])["verdict"]
    assert told["main", "good"] == "ahead" and told["topk", "good"] == "behind"
    assert told["main", "bad"] == "behind" and told["topk", "bad"] == "not distinguishable"


def test_repeats_below_the_median_are_counted():
    top = np.where(np.arange(40) < 3, 0.01, 0.71)
    tidy = [repeats("zero", ZERO, topk=0.7), repeats("good", GOOD, topk=top)]
    tests = paired.compare(collection(tidy), REFERENCES)
    assert set(tests["below_median"]) == {3 / 40} and set(tests["below_median_reference"]) == {0}
    topk = tests[tests["protocol"] == "topk"].iloc[0]
    assert topk["difference"] < 0 < topk["median_difference"], "a few failures turn the mean"
    assert topk["verdict"] == "not distinguishable"


def test_what_cannot_be_tested_is_left_out():
    one = [repeats("zero", ZERO), repeats("one", [0.7]), repeats("elsewhere", GOOD, n=60)]
    assert paired.compare(collection(one), REFERENCES).empty
    assert list(paired.compare(collection(one), REFERENCES).columns) == paired.COLUMNS
    tidy = [repeats("zero", ZERO, topk=0.7), repeats("good", GOOD)]
    assert set(paired.compare(collection(tidy), REFERENCES)["protocol"]) == {"main"}, "it has no ranking"


def test_the_headline_is_sorted_by_verdict():
    values = {"zero": ZERO, "good": GOOD, "better": GOOD + 0.01, "same": SAME, "bad": BAD}
    found = collection([repeats(name, own) for name, own in values.items()])
    table = found.repeats.groupby(["benchmark", "method", "n", "k"], as_index=False)["best"].mean()
    said = headline(C100, 30, 10, table, paired.compare(found, REFERENCES))
    assert said is not None and said.startswith(
        f"N = 30, K = 10, 40 evaluations: zero reaches {100 * ZERO.mean():.2f} %."
    )
    places = [said.index(word) for word in ("ahead: better +", "good +", "not distinguishable: same ", "behind: bad -")]
    assert places == sorted(places)
    assert headline(C100, 60, 10, table, paired.compare(found, REFERENCES)) is None
    many = collection([repeats("zero", ZERO), *(repeats(f"m{i}", SAME + i * 1e-6) for i in range(9))])
    said = headline(C100, 30, 10, table, paired.compare(many, REFERENCES))
    assert said is not None and said.endswith(" and 5 more.")


def test_the_headline_of_a_loss_begins_with_the_smallest():
    benchmark = replace(C100, metric=LOSS)
    found = collection([repeats("zero", 1 - ZERO), repeats("good", 1 - GOOD), repeats("better", 0.9 - GOOD)], benchmark)
    table = found.repeats.groupby(["benchmark", "method", "n", "k"], as_index=False)["best"].mean()
    said = headline(benchmark, 30, 10, table, paired.compare(found, REFERENCES))
    assert said is not None and "(smaller is better). Against it, ahead: better -0.1" in said and "good -0.00" in said


PAPER = "Siams + NSAM + BTS"


@pytest.mark.parametrize(
    ("methods", "wanted", "chosen"),
    [
        ({"random search": ("random", False), "GCN": ("gcn", True), PAPER: ("siams_nsam_bts", True)}, None, PAPER),
        ({"random search": ("random", False), "GCN": ("gcn", True), PAPER: ("siams_nsam_bts", True)}, "GCN", "GCN"),
        ({"FLOPs order": ("column", False), "Forest": ("forest", True), "GCN": ("gcn", True)}, None, "Forest"),
        ({"random search": ("random", False), "FLOPs order": ("column", False)}, None, "random search"),
        (
            {f"{PAPER} (a=1)": ("siams_nsam_bts", True), PAPER: ("siams_nsam_bts", True), "GCN": ("gcn", True)},
            None,
            PAPER,
        ),
        ({"random forest (code=false)": ("forest", True), "random forest": ("forest", True)}, None, "random forest"),
    ],
)  # fmt: skip
def test_the_reference(methods: dict[str, tuple[str, bool]], wanted: str | None, chosen: str):
    assert choose_references(runs(methods), wanted) == {C100.name: chosen}


def test_the_reference_of_variants_without_a_plain_name():
    """In an ablation the one that changes nothing; among trainers the paper's."""
    two = {f"{PAPER} (x={x})": ("siams_nsam_bts", True) for x in (1, 2)}
    assert choose_references(runs(two, unchanged=[False, True]), None) == {C100.name: f"{PAPER} (x=2)"}
    trainers = {f"{PAPER} (trainer={name})": ("siams_nsam_bts", True) for name in ("fast", "paper")}
    found = choose_references(runs(trainers, trainer=["fast", "paper"]), None)
    assert found == {C100.name: f"{PAPER} (trainer=paper)"}


def test_an_unknown_reference_names_those_there_are():
    found = runs({"random search": ("random", False), "GCN": ("gcn", True)})
    with pytest.raises(InputError, match=r"no method 'GCM' \(did you mean GCN\?\); there are: random search, GCN"):
        choose_references(found, "GCM")
    assert choose_references(found, "gcn") == {C100.name: "GCN"}, "by its option"


def test_a_benchmark_without_the_wanted_reference_says_so():
    found = runs({"random search": ("random", False), "GCN": ("gcn", True)})
    other = found.runs[found.runs["method"] == "GCN"].assign(benchmark="tiny")
    both = replace(found, runs=pd.concat([found.runs, other]))
    assert choose_references(both, "random search") == {C100.name: "random search", "tiny": "GCN"}
    assert both.notes == ["tiny has no method 'random search': its reference is GCN"]
