"""`siamnas.run`: the same jobs as those of the command line, from Python."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hydra
import numpy as np
import pytest
from hydra.core.global_hydra import GlobalHydra

import siamnas
from siamnas.config.compose import CONF_DIR
from siamnas.jobs.store import Result
from tests import warm
from tests.support import ROOT, Outcome, python, results

SMALL = ["search.n=8", "search.k=4", "search.depth=6"]


@pytest.fixture
def run(cells: Path, tmp_path: Path) -> Callable[..., Result]:
    """A small job on the cells."""

    def call(predictor: str = "random", overrides: list[str] | None = None, **options: Any) -> Result:
        options = {"repeats": 2, "out": tmp_path / "out", **options}
        return siamnas.run(cells, predictor, overrides=SMALL if overrides is None else overrides, **options)

    return call


def test_it_is_the_job_of_the_command_bit_for_bit(run, siamnas: Callable[..., Outcome], cells: Path, tmp_path: Path):
    here = run("forest", name="here", acquisition="random")
    words = ("predictor=forest", "acquisition=random", "repeats=2", "logger=none", *SMALL)
    space = ("space=json", f"space.path={cells}", "space.name=cells")
    assert siamnas(*space, *words, f"out={tmp_path / 'out'}", "name=there").code == 0
    there = Result.load(results(tmp_path / "out" / "there")[0])
    assert here.arrays.keys() == there.arrays.keys()
    for name, values in here.arrays.items():
        assert values.tobytes() == there.arrays[name].tobytes() or name.endswith("seconds"), name
    assert here.meta["identity"] == there.meta["identity"] and here.meta["choices"] == there.meta["choices"]


def test_what_was_done_before_is_read_wherever_it_was_done(run, siamnas: Callable[..., Outcome], cells: Path, tmp_path):
    first = run()
    assert first.path is not None and first.path.is_file()
    changed = first.path.stat().st_mtime_ns
    again = run()
    assert again.path == first.path and again.path.stat().st_mtime_ns == changed
    np.testing.assert_array_equal(again.arrays["best"], first.arrays["best"])
    space = ("space=json", f"space.path={cells}", "space.name=cells", "predictor=random", "repeats=2", "logger=none")
    shown = siamnas(*space, *SMALL, f"out={tmp_path / 'out'}")
    assert "done before" in shown.out and len(results(tmp_path / "out")) == 1


def test_a_result_says_what_was_found(run, cells: Path):
    result = run(repeats=3, seed=5)
    assert list(result.best["seed"]) == [5, 6, 7]
    assert list(result.best.columns) == ["seed", "index", "architecture", "value", "label"]
    frame = result.to_frame()
    assert len(frame) == 3 * (8 + 6)
    last = frame[frame["evaluations"] == 12]
    assert list(last["best"]) == list(result.best["value"]) and list(last["chosen"]) == list(result.best["index"])


def test_options_are_values_of_python(run, tmp_path: Path):
    result = run(
        "gp", ["search.n=8"], acquisition="ei", repeats=np.int64(1), name="7", **{"search.initial_design.count": 2}
    )
    config = result.meta["config"]
    assert result.meta["choices"]["acquisition"] == "ei" and config["name"] == "7" and config["repeats"] == 1
    assert config["search"]["initial_design"]["count"] == 2
    assert result.path is not None and result.path.is_relative_to(tmp_path / "out" / "7")


def test_a_list_stays_a_list(cells: Path, tmp_path: Path):
    words = [f"space.path={cells}", "space.columns=[flops]", "search.n=6"]
    options = {"predictor.columns": ["flops"], "predictor.features": ("columns",), "search.depth": 4, "search.k": 2}
    with pytest.raises(siamnas.InputError, match="flops"):  # the cells have none
        siamnas.run("json", "forest", overrides=words, out=tmp_path, repeats=1, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"predictor": "gpp"}, "(did you mean gp?)"),
        ({"serach": "active"}, "unknown key serach (did you mean search?)"),
        ({"space": "nb_makro"}, "(did you mean nb_macro?)"),
        ({"repeats": "many"}, "repeats=many: must be an integer"),
        ({"repeats": -1}, "repeats=-1: must be an integer of at least 1"),
        ({"search": 3}, "search=3: must be the name of an option"),
        ({"seed": object}, "must be a number, a text, a list or a dictionary"),
        ({"overrides": ["search.n=30,60"]}, "search.n=30,60: must be one value"),
        ({"overrides": ["-m"]}, "-m: can't be read"),
        ({"overrides": ["search.m=3"]}, "unknown key search.m (did you mean search.n"),
        ({"overrides": ["=3"]}, "has no key"),
        ({"overrides": ["search.n=20000"]}, "search.n=20000: must be at most 15614"),
        ({"space": "json"}, "missing value: give space.path=..."),
    ],
)
def test_a_mistake_is_one_sentence(options: dict[str, Any], message: str, tmp_path: Path):
    given = {"predictor": "random", "out": tmp_path / "out", **options}
    with pytest.raises(siamnas.InputError, match=re.escape(message)) as caught:
        siamnas.run(**given)
    assert caught.value.__cause__ is None and (caught.value.__suppress_context__ or not caught.value.__context__)
    assert not (tmp_path / "out").exists()


def test_an_application_of_hydra_around_it_stays(run, cells: Path, tmp_path: Path):
    with hydra.initialize_config_dir(str(CONF_DIR), version_base="1.3"):
        around = GlobalHydra.instance().hydra
        run()
        with pytest.raises(siamnas.InputError):
            run("gpp")
        assert GlobalHydra.instance().hydra is around
        assert hydra.compose("config", ["seed=3"]).seed == 3
    assert not GlobalHydra.instance().is_initialized()


def test_inside_an_application_of_hydra(cells: Path, tmp_path: Path):
    code = """
        import hydra, siamnas
        from hydra.core.hydra_config import HydraConfig

        @hydra.main(config_path=None, version_base="1.3")
        def main(cfg):
            result = siamnas.run(cfg.cells, "random", repeats=2, overrides=["search.n=8", "search.k=4"])
            print(result.repeats, HydraConfig.get().job.name)

        main()
    """
    (tmp_path / "app.py").write_text(textwrap.dedent(code))
    done = python(tmp_path, ROOT, "app.py", f"+cells={cells}", "hydra.output_subdir=null", "hydra.run.dir=.")
    assert done.stdout.splitlines()[-1:] == ["2 app"], done.stderr
    assert len(results(tmp_path / "outputs" / "default" / "json" / "random")) == 1


def test_the_package_imports_nothing_large(tmp_path: Path):
    code = """
        import sys
        import siamnas
        heavy = {"torch", "pandas", "hydra", "numpy", "scipy", "sklearn"} & set(sys.modules)
        assert not heavy, heavy
        assert set(siamnas.__all__) < set(dir(siamnas)), dir(siamnas)
    """
    done = python(tmp_path, ROOT, "-c", textwrap.dedent(code))
    assert done.returncode == 0, done.stderr


def test_no_module_hides_a_public_name(cells: Path, tmp_path: Path):
    code = f"""
        import pkgutil, warnings
        from importlib import import_module
        import siamnas
        warnings.simplefilter("error", ImportWarning)
        for module in pkgutil.walk_packages(siamnas.__path__, "siamnas."):
            if module.name not in ("siamnas.run", "siamnas.__main__"):
                import_module(module.name)
        result = siamnas.run({str(cells)!r}, "random", repeats=1, overrides={SMALL})
        frame = siamnas.results("outputs")
        network = siamnas.networks(siamnas.Space.of_nano(), "nano")(0)
        print(result.repeats, frame["method"].nunique(), type(network).__name__, siamnas.compare.__name__)
    """
    done = warm.run(["-c", textwrap.dedent(code)], tmp_path)
    assert re.fullmatch(r"1 1 \w+ compare\n", done.stdout), done.stderr


def test_nobody_imports_what_is_there_to_be_run():
    """`import siamnas.run` would put the module in the place of the function."""
    wanted = re.compile(r"^\s*(from siamnas\.run import|import siamnas\.run\b)", re.MULTILINE)
    places = ("siamnas", "tests", "tools", "examples", "experiments")
    files = [file for place in places for file in (ROOT / place).rglob("*.py")]
    assert len(files) > 300
    assert not [file for file in files if wanted.search(file.read_text(encoding="utf-8"))]


def test_public_names_are_found_and_typed():
    assert set(siamnas.__all__) == set(siamnas._PUBLIC) == set(dir(siamnas)) - {"__version__"}
    assert all(getattr(siamnas, name).__doc__ for name in siamnas.__all__)
    assert (ROOT / "siamnas/py.typed").exists()
