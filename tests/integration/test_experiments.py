"""The experiments of the paper: what each of them runs."""

import itertools
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from scipy import stats

from siamnas.config.compose import CONF_DIR
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.jobs import sweeps
from siamnas.jobs.store import RESULT
from siamnas.report.draw import landscape
from siamnas.report.read import catalogue, naming
from tests.support import remeasured, tiny_benchmark

FOLDER = CONF_DIR / "experiment"
FILES = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.yaml"))
COMMAND = "# Run as: siamnas "
PREDICTORS = ["random", "column", "forest", "gcn", "siams", "siams_nsam", "siams_bts", "siams_nsam_bts", "brp"]
# Variant -> the fields that it changes, and to what.
VARIANTS: dict[str, dict[str, Any]] = {
    "reference": {},
    "no_code": {"predictor._target_": "gcn"} | {f"predictor.efm_{key}": None for key in ("shared_qv", "double_update")},
    "no_nsam": {"predictor.nsam": False},
    "no_bts": {"acquisition._target_": "random"}
    | {f"acquisition.{key}": None for key in ("start", "rounds", "top", "order", "window", "share")},
    "code_length_1": {"space.code.length": 1},
    "code_length_10": {"space.code.length": 10},
    "code_length_50": {"space.code.length": 50},
    "code_costs": {"space.code.kind": "columns"},
    "code_flops": {"space.code.kind": "columns", "space.code.columns": ["flops"]},
    "code_mote_score": {"space.code.kind": "columns", "space.code.columns": ["mote_score"]},
    "code_synflow": {"space.code.kind": "columns", "space.code.columns": ["synflow_code"] * 3},
    "pooling_nodes": {"predictor.pooling": "nodes"},
    "efm_own_v": {"predictor.efm_shared_qv": False},
    "efm_single_update": {"predictor.efm_double_update": False},
    "mixup": {"predictor.mixup": 0.5},
    "recalibrate": {"trainer.recalibrate": True},
    "bts_even": {"acquisition.order": "even"},
    "no_rerank": {"search.rerank": 0},
    "label_valid_run": {"space.label.split": "valid", "space.label.run": 0},
    "label_12_epochs": {"space.label.epochs": 12, "space.label.run": 0},
    "label_test_run": {"space.label.run": 0},
}


def asked(*words: str) -> list[dict[str, str]]:
    """The jobs of a sweep, each as key -> value of its overrides."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF_DIR), version_base="1.3"):
        cfg = compose("config", list(words), return_hydra_config=True)
        assert cfg.hydra.mode.name == "MULTIRUN"
        return [dict(word.split("=", 1) for word in job) for job in sweeps.jobs_of(cfg)]


@pytest.mark.parametrize("file", FILES)
def test_every_experiment_says_how_to_run_it(make_job, file: str):
    header, line, *_ = (FOLDER / f"{file}.yaml").read_text(encoding="utf-8").splitlines()
    assert header == "# @package _global_", "Hydra reads it only there"
    assert line.startswith(COMMAND)
    job = make_job(*shlex.split(line.removeprefix(COMMAND)))
    experiment, _, variant = file.partition("/")
    assert job.choices["experiment"] == experiment
    assert variant in ("", job.choices.get(f"experiment/{experiment}"))
    names = {"fig6a": "figure6", "fig6b": "figure6", "fig6_single_run": "figure6_single_run", "fig7": "figure7"}
    assert job.config["name"] == names.get(file, experiment)


def test_figure_6_is_two_views_of_one_sweep(make_job):
    a, b = asked("experiment=fig6a"), asked("experiment=fig6b")
    assert [job["predictor"] for job in a] == PREDICTORS
    ns = [str(n) for n in range(30, 201, 10)]
    assert [(job["predictor"], job["search.n"]) for job in b] == list(itertools.product(PREDICTORS, ns))
    one, other = make_job("experiment=fig6a"), make_job("experiment=fig6b", "search.n=30")
    assert one.folder == other.folder
    assert one.config["trainer"] == make_job().config["trainer"] and one.config["repeats"] == 100


def test_figure_7_ends_at_100_queries(make_job):
    found = asked("experiment=fig7")
    assert {job["space"] for job in found} == {"tiny_nb201", "nb_macro", "nano_pilot"} <= set(catalogue.LIGHT_SPACES)
    assert {"column", "random", "forest", "gcn", "siams_nsam_bts"} == {job["predictor"] for job in found}
    assert {int(job["search.n"]) for job in found} == {10, 15, *range(20, 91, 10)}
    assert len(found) == 3 * 5 * 10
    assert make_job("experiment=fig7", "search.n=90").config["search"]["k"] == 10
    assert make_job("experiment=fig7", "space=nb_macro").config["space"]["code"]["kind"] == "columns"


def test_the_headline_is_on_fresh_seeds_by_both_labels(make_job):
    found = asked("experiment=headline")
    assert {job["experiment/ablation"] for job in found} == {"reference", "label_valid_run"}
    job = make_job("experiment=headline", "experiment/ablation=label_valid_run")
    assert job.seeds == range(2000, 2100)
    space = job.config["space"]
    assert (space["label"]["split"], space["label"]["run"]) == ("valid", 0)
    assert (space["report"]["split"], space["report"]["run"]) == ("test", "mean")


def test_brp_batches_differ_in_nothing_else(make_job):
    assert [job["predictor.batch"] for job in asked("experiment=brp_batches")] == ["null", "60"]
    one, other = (
        naming.flat(make_job("experiment=brp_batches", f"predictor.batch={b}").identity) for b in ("null", 60)
    )
    assert naming.differences([one, other]) == ["predictor.batch"]
    assert (one["seed"], one["repeats"], one["acquisition.rounds"]) == (1000, 25, 5)


def test_the_mends_of_failures_are_chosen_on_seeds_of_their_own(make_job):
    found = asked("experiment=failures")
    assert len(found) == 8
    assert make_job("experiment=failures").seeds == range(1000, 1100)


def test_the_command_line_narrows_a_sweep(siamnas, tmp_path: Path):
    assert [job["predictor"] for job in asked("experiment=fig6a", "predictor=gcn")] == ["gcn"]
    words = ("experiment=fig6b", "predictor=random,column", "search.n=30", "repeats=2", "logger=none")
    shown = siamnas(*words, f"out={tmp_path / 'out'}")
    assert shown.code == 0, shown.err
    found = sorted(path.relative_to(tmp_path / "out").parts[:3] for path in (tmp_path / "out").rglob(RESULT))
    assert found == [("figure6", "nb201_c100", "column"), ("figure6", "nb201_c100", "random")]
    assert siamnas("status", str(tmp_path / "out")).out == "2 jobs: 2 done\n"
    again = siamnas("experiment=fig6a", *words[1:2], *words[3:], f"out={tmp_path / 'out'}")
    assert again.out.count("done before") == 2


def test_the_ablation_runs_every_variant_that_its_spaces_have():
    found = asked("experiment=ablation")
    variants = {name.removeprefix("ablation/") for name in FILES if name.startswith("ablation/")}
    assert variants == set(VARIANTS)
    pairs = [(job["experiment/ablation"], job["space"]) for job in found]
    spaces = ("nb201_c10", "nb201_c100", "nb201_img16")
    assert sorted(pairs) == sorted(itertools.product(variants - {"label_test_run"}, spaces))


def test_the_leaderboard_gives_every_method_the_same_budgets(make_job):
    found = asked("experiment=leaderboard")
    methods = {name.removeprefix("leaderboard/") for name in FILES if name.startswith("leaderboard/")}
    spaces = ("nb201_c10", "nb201_c100", "nb201_img16", "tiny_nb201", "nb_macro")
    pairs = [(job["experiment/leaderboard"], job["space"]) for job in found]
    assert sorted(pairs) == sorted(itertools.product(methods, spaces))
    spent, names = set(), set()
    for name in methods:
        job = make_job("experiment=leaderboard", f"experiment/leaderboard={name}")
        assert job.seeds == range(100)
        meta, search = {"choices": job.choices, "identity": job.identity}, job.config["search"]
        names.add(naming.method_name(meta))
        if name.startswith("siams"):
            spent.add(budget := search["n"] + search["k"])
            assert search["k"] == search["depth"] == min(30, budget // 2)
            assert name == f"siams_{budget}" and job.choices["trainer"] == "fast"
        else:
            assert search["n"] + search.get("depth", 0) == 100
    assert spent == set(catalogue.BUDGETS)
    assert names == {
        *("random search", "FLOPs order", "local search", "regularised evolution", "TPE", "random forest"),
        *("gradient boosting", "Gaussian process 2026", "WeakNAS", "BANANAS", "NAS-BOWL", "Siams + NSAM + BTS"),
    }  # fmt: skip


def test_pareto_gives_every_method_the_same_budget_for_every_objective():
    found = asked("experiment=pareto")
    objectives = ("flops", "latency.edgegpu", "energy.edgegpu")
    methods = {name.removeprefix("pareto/") for name in FILES if name.startswith("pareto/")}
    pairs = [(job["experiment/pareto"], job["objective"]) for job in found]
    assert sorted(pairs) == sorted(itertools.product(methods, objectives))


def test_a_sweep_over_experiments_leaves_no_jobs_that_seem_to_be_missing(siamnas, tmp_path: Path):
    words = ("-m", "experiment=fig6a,fig7", "predictor=column", "repeats=2", "logger=none", "hydra.sweeper.params=null")
    assert siamnas(*words, f"out={tmp_path}").code == 0
    assert siamnas("status", str(tmp_path)).out == "2 jobs: 2 done\n"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_differs_in_what_its_name_says(make_job, variant: str):
    reference = naming.flat(make_job("space=nb201_c10", "search.n=100").identity)
    own = naming.flat(make_job("experiment=ablation", f"experiment/ablation={variant}", "space=nb201_c10").identity)
    assert {key: own.get(key) for key in naming.differences([reference, own])} == VARIANTS[variant]


@pytest.mark.slow
@pytest.mark.parametrize("space", ["nb201_c10", "nb201_c100", "nb201_img16"])
def test_codes_and_labels_of_the_variants_exist(make_job, space: str):
    lengths = {"code_length_50": 50, "code_costs": 2, "code_mote_score": 1, "label_valid_run": 3, "label_12_epochs": 3}
    lengths |= {"code_synflow": 3}
    for variant, length in lengths.items():
        job = make_job("experiment=ablation", f"experiment/ablation={variant}", f"space={space}")
        assert build.benchmark(job.config).measured.code.shape[1] == length


@pytest.mark.slow
def test_every_variant_gets_a_short_name_of_its_own(make_job):
    jobs = {name: make_job("experiment=ablation", f"experiment/ablation={name}") for name in VARIANTS}
    metas = [{"choices": job.choices, "identity": job.identity} for job in jobs.values()]
    fields = [naming.method_fields(meta, trained=True) for meta in metas]
    told = naming.tell_apart([naming.method_name(meta) for meta in metas], fields, ["paper"] * len(metas))
    names = dict(zip(jobs, told, strict=True))
    assert len(set(told)) == len(told) and not any("..." in name or "#" in name for name in told)
    assert names["reference"] == "Siams + NSAM + BTS"
    assert (names["no_code"], names["no_nsam"], names["no_bts"]) == ("GCN + NSAM + BTS", "Siams + BTS", "Siams + NSAM")
    assert names["mixup"] == "Siams + NSAM + BTS (mixup=0.5)"
    assert names["code_mote_score"] == "Siams + NSAM + BTS (code.columns=[mote_score], code.kind=columns)"


def test_correlations_of_a_code():
    benchmark = tiny_benchmark(300, uncoded=4)
    flops, measured = benchmark.space.columns["flops"], benchmark.measured
    report, has = measured.report, measured.coded
    half = np.where(has, measured.code[:, 0].astype(float), np.nan)
    benchmark = remeasured(benchmark, columns={"half": half, "same": 0 * report})
    table = landscape.over_codes({"tiny": benchmark}, {"x": ["half"], "mean": ["half", "flops"], "c": ["same"]}).table
    x, mean, constant = table.to_dict("records")
    assert x["count"] == mean["count"] == 296 and constant["count"] == 300
    assert x["kendall"] == pytest.approx(stats.kendalltau(half[has], report[has]).statistic)
    assert mean["spearman"] == pytest.approx(stats.spearmanr((half + flops)[has], report[has]).statistic)
    assert np.isnan(constant["spearman"])


def test_the_same_figure_is_the_same_file():
    benchmark = tiny_benchmark()
    limit = float(np.median(benchmark.space.columns["flops"]))
    one, other = (landscape.over_flops({"tiny": benchmark}, limit) for _ in range(2))
    assert (one.svg, one.png) == (other.svg, other.png)
    with pytest.raises(InputError, match=r"figure.limit=0.001: must be at least .* the least of tiny"):
        landscape.over_flops({"tiny": benchmark}, 0.001)


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["experiment=fig8"], ["no option experiment=fig8", "fig6a"]),
        (["experiment=ablation", "experiment/ablation=mix"], ["no option experiment/ablation=mix", "mixup"]),
    ],
)
def test_bad_input_is_named_before_anything_is_run(siamnas, tmp_path: Path, arguments: list[str], messages: list[str]):
    shown = siamnas(*arguments, f"out={tmp_path / 'out'}")
    assert shown.code == 2
    for message in messages:
        assert message in shown.err
    assert "Traceback" not in shown.err
    assert not (tmp_path / "out").exists()
