"""The experiments of the paper: what each of them runs or draws."""

import csv
import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from scipy import stats

from siamnas import build
from siamnas.cli import CONF_DIR
from siamnas.errors import InputError
from siamnas.jobs import sweeps
from siamnas.jobs.store import RESULT
from siamnas.report import catalogue, landscape, legacy, naming
from tests.support import tiny_space

FOLDER = CONF_DIR / "experiment"
FILES = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.yaml"))
COMMAND = "# Run as: python -m siamnas.run "
PREDICTORS = ["random", "column", "forest", "gcn", "siams", "siams_nsam", "siams_bts", "siams_nsam_bts", "brp"]
# Variant -> the fields that it changes, and to what.
VARIANTS: dict[str, dict[str, Any]] = {
    "reference": {},
    "no_code": {"predictor._target_": "siamnas.predictors.siamese.GraphPredictor"}
    | {f"predictor.efm_{key}": None for key in ("shared_qv", "double_update")},
    "no_nsam": {"predictor.nsam": False},
    "no_bts": {f"predictor.sampler.{key}": None for key in ("start", "rounds", "top", "order", "window")},
    "code_length_1": {"space.code.length": 1},
    "code_length_10": {"space.code.length": 10},
    "code_length_50": {"space.code.length": 50},
    "code_costs": {"space.code.kind": "columns"},
    "code_flops": {"space.code.kind": "columns", "space.code.columns": ["flops"]},
    "code_mote_score": {"space.code.kind": "columns", "space.code.columns": ["mote_score"]},
    "pooling_nodes": {"predictor.pooling": "nodes"},
    "efm_own_v": {"predictor.efm_shared_qv": False},
    "efm_single_update": {"predictor.efm_double_update": False},
    "mixup": {"predictor.mixup": 0.5},
    "recalibrate": {"trainer.recalibrate": True},
    "bts_even": {"predictor.sampler.order": "even"},
    "no_rerank": {"search.rerank": 0},
    "pool_exclude": {"search.pool": "exclude"},
    "pool_start": {"search.pool": "start"},
    "label_valid_run": {"space.label.split": "valid", "space.label.run": 0},
    "label_12_epochs": {"space.label.epochs": 12, "space.label.run": 0},
    "label_test_run": {"space.label.run": 0},
}


def asked(folder: Path, *words: str) -> list[dict[str, str]]:
    """The jobs of a sweep, each as key -> value of its overrides."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONF_DIR), version_base="1.3"):
        cfg = compose("config", list(words), return_hydra_config=True)
        record = sweeps.record(folder, cfg)
    assert cfg.hydra.mode.name == "MULTIRUN"
    return [dict(word.split("=", 1) for word in cell) for cell in json.loads(record.read_text())["cells"]]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("file", FILES)
def test_every_experiment_says_how_to_run_it(make_job, file: str):
    header, line, *_ = (FOLDER / f"{file}.yaml").read_text(encoding="utf-8").splitlines()
    assert header == "# @package _global_", "Hydra reads it only there"
    assert line.startswith(COMMAND)
    job = make_job(*shlex.split(line.removeprefix(COMMAND)))
    experiment, _, variant = file.partition("/")
    assert job.choices["experiment"] == experiment
    assert variant in ("", job.choices.get("experiment/ablation"))
    assert job.config["name"] == {"fig6a": "figure6", "fig6b": "figure6", "fig7": "figure7"}.get(file, experiment)


def test_figure_6_is_two_views_of_one_sweep(make_job, tmp_path: Path):
    a, b = asked(tmp_path, "experiment=fig6a"), asked(tmp_path, "experiment=fig6b")
    assert [cell["predictor"] for cell in a] == PREDICTORS
    ns = [str(n) for n in range(30, 201, 10)]
    assert [(cell["predictor"], cell["search.n"]) for cell in b] == list(itertools.product(PREDICTORS, ns))
    one, other = make_job("experiment=fig6a"), make_job("experiment=fig6b", "search.n=30")
    assert one.folder == other.folder
    assert one.config["trainer"] == make_job().config["trainer"] and one.config["repeats"] == 100


def test_figure_7_ends_at_100_queries(make_job, tmp_path: Path):
    found = asked(tmp_path, "experiment=fig7")
    assert {cell["space"] for cell in found} == {"tiny_nb201", "nb_macro"} <= set(catalogue.LIGHT_SPACES)
    assert {"column", "random", "forest", "gcn", "siams_nsam_bts"} == {cell["predictor"] for cell in found}
    assert {int(cell["search.n"]) for cell in found} == {10, 15, *range(20, 91, 10)}
    assert len(found) == 2 * 5 * 10
    assert make_job("experiment=fig7", "search.n=90").config["search"]["k"] == 10
    assert make_job("experiment=fig7", "space=nb_macro").config["space"]["code"]["kind"] == "columns"


def test_the_command_line_narrows_a_sweep(siamnas, tmp_path: Path):
    assert [cell["predictor"] for cell in asked(tmp_path, "experiment=fig6a", "predictor=gcn")] == ["gcn"]
    words = ("experiment=fig6b", "predictor=random,column", "search.n=30", "repeats=2", "logger=none")
    shown = siamnas(*words, f"out={tmp_path / 'out'}")
    assert shown.code == 0, shown.err
    found = sorted(path.relative_to(tmp_path / "out").parts[:3] for path in (tmp_path / "out").rglob(RESULT))
    assert found == [("figure6", "nb201_c100", "column"), ("figure6", "nb201_c100", "random")]
    assert siamnas("status", str(tmp_path / "out")).out == "2 cells: 2 done\n"
    again = siamnas("experiment=fig6a", *words[1:2], *words[3:], f"out={tmp_path / 'out'}")
    assert again.out.count("done before") == 2


def test_the_ablation_runs_every_variant_that_its_spaces_have(tmp_path: Path):
    found = asked(tmp_path, "experiment=ablation")
    variants = {name.removeprefix("ablation/") for name in FILES if name.startswith("ablation/")}
    assert variants == set(VARIANTS)
    pairs = [(cell["experiment/ablation"], cell["space"]) for cell in found]
    spaces = ("nb201_c10", "nb201_c100", "nb201_img16")
    assert sorted(pairs) == sorted(itertools.product(variants - {"label_test_run"}, spaces))


def test_a_sweep_over_experiments_leaves_no_cells_that_seem_to_be_missing(siamnas, tmp_path: Path):
    words = ("-m", "experiment=fig6a,fig7", "predictor=column", "repeats=2", "logger=none", "hydra.sweeper.params=null")
    assert siamnas(*words, f"out={tmp_path}").code == 0
    assert siamnas("status", str(tmp_path)).out == "2 cells: 2 done\n"


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_differs_in_what_its_name_says(make_job, variant: str):
    reference = naming.flat(make_job("space=nb201_c10", "search.n=100").science)
    own = naming.flat(make_job("experiment=ablation", f"experiment/ablation={variant}", "space=nb201_c10").science)
    assert {key: own.get(key) for key in naming.differences([reference, own])} == VARIANTS[variant]


@pytest.mark.parametrize("space", ["nb201_c10", "nb201_c100", "nb201_img16"])
def test_codes_and_labels_of_the_variants_exist(make_job, space: str):
    lengths = {"code_length_50": 50, "code_costs": 2, "code_mote_score": 1, "label_valid_run": 3, "label_12_epochs": 3}
    for variant, length in lengths.items():
        job = make_job("experiment=ablation", f"experiment/ablation={variant}", f"space={space}")
        assert build.space(job).code.shape[1] == length


def test_every_variant_gets_a_short_name_of_its_own(make_job):
    jobs = {name: make_job("experiment=ablation", f"experiment/ablation={name}") for name in VARIANTS}
    metas = [legacy.upgrade({"choices": job.choices, "science": job.science}) for job in jobs.values()]
    fields = [naming.method_fields(meta, trained=True) for meta in metas]
    told = naming.tell_apart([naming.method_name(meta) for meta in metas], fields, ["paper"] * len(metas))
    names = dict(zip(jobs, told, strict=True))
    assert len(set(told)) == len(told) and not any("..." in name or "#" in name for name in told)
    assert names["reference"] == "Siams + NSAM + BTS"
    assert (names["no_code"], names["no_nsam"], names["no_bts"]) == ("GCN + NSAM + BTS", "Siams + BTS", "Siams + NSAM")
    assert names["mixup"] == "Siams + NSAM + BTS (mixup=0.5)"
    assert names["code_mote_score"] == "Siams + NSAM + BTS (code.columns=[mote_score], code.kind=columns)"


def test_figure_4_as_a_process(process, tmp_path: Path):
    shown = process("experiment=fig4", "figure.spaces.nb201_c10.max_flops=50", "figure.spaces.nb_macro.max_flops=40")
    assert shown.code == 0, shown.err
    folder = tmp_path / "outputs" / "fig4"
    assert {path.name for path in folder.iterdir()} == {"fig4.svg", "fig4.png", "fig4.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {"outputs"}
    assert f"figure: {folder / 'fig4'}.svg, .png and .csv" in shown.out
    found = {(row["space"], row["cells"]): row for row in rows(folder / "fig4.csv")}
    assert found["nb201_c10", "at most 35 MFLOPs"]["count"] == "4096"
    assert float(found["nb201_c10", "at most 35 MFLOPs"]["best"]) == pytest.approx(0.91315)
    assert found["nb_macro", "at most 35 MFLOPs"]["count"] == "509"
    assert int(found["nb_macro", "all"]["count"]) > 509 and "91.31%" in shown.out


def test_figure_5(siamnas, tmp_path: Path):
    spaces = ("~space@figure.spaces.nb201_c10", "~space@figure.spaces.nb201_img16")
    words = ("experiment=fig5", *spaces, "figure.spaces.nb_macro.max_flops=30")
    shown = siamnas(*words, f"out={tmp_path}", "+figure.codes.last_loss=[proxy_loss_50]")
    assert shown.code == 0, shown.err
    found = {(row["space"], row["code"]): float(row["spearman"]) for row in rows(tmp_path / "fig5" / "fig5.csv")}
    card = {"loss_1": -0.435, "loss_2": -0.733, "loss_3": -0.766, "mote_score": 0.848, "flops": 0.728}
    assert {code: round(found["nb201_c100", code], 3) for code in card} == card, "the data card's"
    assert found["nb201_c100", "mean_loss"] == pytest.approx(-0.700, abs=5e-4)
    assert {code for space, code in found if space == "nb_macro"} == {"flops", "params"}
    assert "last loss" in (svg := (tmp_path / "fig5" / "fig5.svg").read_text()) and "not measured" in svg


def test_correlations_of_a_code():
    space = tiny_space(cells=300, uncoded=4)
    columns = {
        **space.columns,
        "half": np.where(space.coded, space.code[:, 0].astype(float), np.nan),
        "same": 0 * space.report,
    }
    object.__setattr__(space, "columns", columns)
    table = landscape.over_codes({"tiny": space}, {"x": ["half"], "mean": ["half", "flops"], "c": ["same"]}).table
    x, mean, constant = table.to_dict("records")
    has = space.coded
    assert x["count"] == mean["count"] == 296 and constant["count"] == 300
    assert x["kendall"] == pytest.approx(stats.kendalltau(columns["half"][has], space.report[has]).statistic)
    both = (columns["half"] + columns["flops"])[has]
    assert mean["spearman"] == pytest.approx(stats.spearmanr(both, space.report[has]).statistic)
    assert np.isnan(constant["spearman"])


def test_the_same_figure_is_the_same_file():
    space = tiny_space()
    one, other = (landscape.over_flops({"tiny": space}, float(np.median(space.columns["flops"]))) for _ in range(2))
    assert (one.svg, one.png) == (other.svg, other.png)
    with pytest.raises(InputError, match=r"figure.limit=0.001: must be at least .* the least of tiny"):
        landscape.over_flops({"tiny": space}, 0.001)


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (["experiment=fig8"], ["Could not find 'experiment/fig8'", "fig6a"]),
        (["experiment=ablation", "experiment/ablation=mix"], ["Could not find 'experiment/ablation/mix'", "mixup"]),
        (["experiment=fig4", "space@figure.spaces.nb_macro=macro"], ["Could not find 'space/macro'", "nb_macro"]),
        (["experiment=fig4", "figure.limt=3"], ["unknown key figure.limt (did you mean figure.limit"]),
        (["experiment=fig4", "figure.limit=-1"], ["figure.limit=-1: must be a number above 0"]),
        (["experiment=fig4", "figure.limit=2"], ["figure.limit=2: must be at least 7.7", "the least of nb201_c10"]),
        (
            ["experiment=fig4", "figure.spaces.nb_macro.report.run=9"],
            ["figure.spaces.nb_macro: space.report.run=9: must be one of mean, 0, 1, 2"],
        ),
        (["experiment=fig5", "figure.codes.flops=[flop]"], ["figure.codes.flops=[flop]: no column flop", "flops"]),
        (
            ["experiment=fig5", "figure.codes.flops=[flops,test_200_mean]"],
            [
                "figure.codes.flops=[flops,test_200_mean]: test_200_mean is an accuracy, which only a query may see",
                "flops",
            ],
        ),
        (["experiment=fig5", "figure.codes.flops=flops"], ["must be a group of names, each with a list of columns"]),
        (["figure=fig4"], ["figure=fig4: must be a group of keys"]),
        (["experiment=fig4", "space=nb_macro"], ["space=nb_macro: has no effect, experiment=fig4", "figure.spaces"]),
        (["experiment=fig5", "repeats=3"], ["repeats=3: has no effect, experiment=fig5", "figure.codes"]),
        (["experiment=fig5", "++predictor.channels=3"], ["++predictor.channels=3: has no effect"]),
    ],
)
def test_bad_input_is_named_before_anything_is_drawn(
    siamnas, tmp_path: Path, arguments: list[str], messages: list[str]
):
    shown = siamnas(*arguments, f"out={tmp_path / 'out'}")
    assert shown.code == 2
    for message in messages:
        assert message in shown.err
    assert "Traceback" not in shown.err
    assert not list((tmp_path / "out").rglob("fig*"))
