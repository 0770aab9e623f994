"""`siamnas figure`: the figures of the spaces themselves, and what has no effect on them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from siamnas.cli.figure import load
from siamnas.config import compose
from siamnas.config.instantiate import find_class
from tests.support import ROOT

FIGURES = compose.options("figure")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_says_how_to_run_it_and_fits_its_schema(figure: str):
    made = load(*compose.compose([f"figure={figure}"], "figure"))
    assert made.name == figure and find_class(made.fields) is not None
    line, *_ = (compose.CONF_DIR / "figure" / f"{figure}.yaml").read_text(encoding="utf-8").splitlines()
    assert line == f"# Run as: siamnas figure {figure}"


def test_help_and_the_keys(siamnas):
    shown = siamnas("figure", "--help")
    assert shown.code == 0
    assert all(f"\n  {name}  " in shown.out for name in FIGURES)
    assert "limit: 35" in siamnas("figure", "fig4", "--cfg", "job").out


@pytest.mark.slow
def test_as_a_module(tmp_path: Path):
    words = [
        "fig4",
        "~space@figure.spaces.nb201_c10",
        "figure.spaces.nb_macro.constraints=[flops<=40]",
        "name=small",
        "out=here",
    ]
    command = [sys.executable, "-m", "siamnas", "figure", *words]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    made = {path.name for path in (tmp_path / "here" / "small").iterdir()}
    assert made == {"small.svg", "small.png", "small.csv", "small-80mm.svg"}


def test_a_figure_of_ones_own(siamnas, tmp_path: Path):
    (tmp_path / "conf" / "figure" / "mine").mkdir(parents=True)
    (tmp_path / "conf" / "figure" / "mine" / "light.yaml").write_text(
        "defaults:\n  - /space@spaces.macro: nb_macro\n_target_: siamnas.report.draw.landscape.over_flops\nlimit: 30\n"
    )
    shown = siamnas("figure", "mine/light", f"out={tmp_path}", "--config-dir", str(tmp_path / "conf"))
    assert shown.code == 0, shown.err
    assert {row["space"] for row in rows(tmp_path / "mine.light" / "mine.light.csv")} == {"macro"}


def test_figure_4_as_a_process(process, tmp_path: Path):
    shown = process(
        "figure",
        "fig4",
        "figure.spaces.nb201_c10.constraints=[flops<=50]",
        "figure.spaces.nb_macro.constraints=[flops<=40]",
    )
    assert shown.code == 0, shown.err
    folder = tmp_path / "outputs" / "fig4"
    assert {path.name for path in folder.iterdir()} == {"fig4.svg", "fig4-80mm.svg", "fig4.png", "fig4.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {"outputs"}
    assert "figure: outputs/fig4/fig4.svg, .png and .csv; 80 mm wide: fig4-80mm.svg" in shown.out
    found = {(row["space"], row["architectures"]): row for row in rows(folder / "fig4.csv")}
    assert found["nb201_c10", "at most 35 MFLOPs"]["count"] == "4096"
    assert float(found["nb201_c10", "at most 35 MFLOPs"]["best"]) == pytest.approx(0.91315)
    assert found["nb_macro", "at most 35 MFLOPs"]["count"] == "509"
    assert int(found["nb_macro", "all"]["count"]) > 509 and "   91.31 " in shown.out


def test_figure_5(siamnas, tmp_path: Path):
    spaces = ("~space@figure.spaces.nb201_c10", "~space@figure.spaces.nb201_img16")
    words = ("figure", "fig5", *spaces, "figure.spaces.nb_macro.constraints=[flops<=30]")
    shown = siamnas(*words, f"out={tmp_path}", "+figure.codes.last_loss=[proxy_loss_50]")
    assert shown.code == 0, shown.err
    found = {(row["space"], row["code"]): float(row["spearman"]) for row in rows(tmp_path / "fig5" / "fig5.csv")}
    card = {"loss_1": -0.435, "loss_2": -0.733, "loss_3": -0.766, "mote_score": 0.848, "flops": 0.728}
    assert {code: round(found["nb201_c100", code], 3) for code in card} == card, "the data card's"
    assert found["nb201_c100", "mean_loss"] == pytest.approx(-0.700, abs=5e-4)
    assert {code for space, code in found if space == "nb_macro"} == {"flops", "params"}
    assert "last loss" in (svg := (tmp_path / "fig5" / "fig5.svg").read_text()) and "not measured" in svg


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        ([], ["which figure? siamnas figure fig4 or fig5"]),
        (["fig6a"], ["no option figure=fig6a", "fig5"]),
        (["fig4", "space@figure.spaces.nb_macro=macro"], ["no option space=macro", "nb_macro"]),
        (["fig4", "figure.limt=3"], ["unknown key figure.limt (did you mean figure.limit"]),
        (["fig4", "+figure.limt=3"], ["unknown key figure.limt (did you mean limit"]),
        (["fig4", "figure.limit=-1"], ["figure.limit=-1: must be a number above 0"]),
        (["fig4", "figure.limit=2"], ["figure.limit=2: must be at least 7.7", "the least of nb201_c10"]),
        (["fig4", "name=a/b"], ["name=a/b: must be a name without"]),
        (
            ["fig4", "figure.spaces.nb_macro.report.run=9"],
            ["figure.spaces.nb_macro: space.report.run=9: must be one of mean, 0, 1, 2"],
        ),
        (["fig5", "figure.codes.flops=[flop]"], ["figure.codes.flops=[flop]: no column flop", "flops"]),
        (["fig5", "figure.codes.flops=flops"], ["must be a group of names, each with a list of columns"]),
        (["fig4", "space=nb_macro"], ["space=nb_macro: has no effect, a figure searches nothing"]),
        (["fig4", "predictor=gcn"], ["predictor=gcn: has no effect"]),
        (["fig5", "repeats=3"], ["repeats=3: has no effect"]),
        (["fig5", "search.n=3"], ["search.n=3: has no effect"]),
        (["fig5", "++predictor.channels=3"], ["++predictor.channels=3: has no effect"]),
        (["fig4,fig5", "-m"], ["there is no sweep over figures"]),
        (["fig4", "hydra.mode=MULTIRUN"], ["there is no sweep over figures"]),
    ],
)
def test_bad_input_is_named_before_anything_is_drawn(
    siamnas, tmp_path: Path, arguments: list[str], messages: list[str]
):
    shown = siamnas("figure", *arguments, f"out={tmp_path / 'out'}")
    assert shown.code == 2
    for message in messages:
        assert message in shown.err
    assert "Traceback" not in shown.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("word", ["experiment=fig4", "figure=fig4"])
def test_a_search_says_how_a_figure_is_drawn(siamnas, tmp_path: Path, word: str):
    shown = siamnas(word, "logger=none", f"out={tmp_path}")
    assert shown.code == 2
    assert f"{word}: needs no search and is a command of its own: siamnas figure fig4" in shown.err
