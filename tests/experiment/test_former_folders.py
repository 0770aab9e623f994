"""Results that earlier versions began in folders of other names are gone on with, where their numbers are the same."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from siamnas.experiment.configuration import Job

Make = Callable[..., Job]

DEBUG = "repeats=10 trainer=debug"
FORMER = {
    "": "5abfa16c",
    f"predictor=siams_nsam_bts {DEBUG} search.n=20 search.k=10": "a95991bd",
    f"predictor=column {DEBUG} search.n=20 search.k=10": "759f2312",
    f"predictor=gp_2026 {DEBUG} search.n=24": "da7796f9",
    f"predictor=bananas {DEBUG} search.n=24": "910c6f9b",
    f"predictor=boosting_ensemble {DEBUG} search.n=20": "8b35ec93",
    f"predictor=weaknas {DEBUG} search.n=24": "0f3295ca",
    "search=evolution predictor=random search.n=40 repeats=10": "1541e4f6",
    "search=local predictor=random search.n=40 repeats=10": "bac77728",
    "search=nsga2 predictor=random search.n=40 repeats=10 objective=flops": "8905285f",
    "search=tpe predictor=random search.n=40 repeats=10": "8361e882",
    "predictor=gp_2026 search=low_fidelity search.n=20 repeats=10": "77afd3bf",
    "predictor=gp_2026 acquisition=ehvi objective=flops search.n=24 repeats=10": "234a61e0",
    "predictor=gp_2026 search.n=30 search.recommend=posterior space.label.split=valid space.label.run=0 "
    "predictor.steps=30 repeats=10": "9aefad9b",
    "predictor=gp_2026 space=nb_macro search.n=24 repeats=10": "56a18256",
    "predictor=gp_2026 space=nano_pilot search.n=24 repeats=10": "e53a5304",
    "predictor=gp_2026 space.unique=true search.n=24 space.constraints=[flops<=35] repeats=10": "e8b91e29",
}
"""Words of a job -> how the name of its folder ended when classes were named by their paths."""


@pytest.mark.parametrize(("words", "digest"), FORMER.items())
def test_folders_of_earlier_versions_are_found(make_job: Make, tmp_path: Path, words: str, digest: str):
    job = make_job(*words.split(), f"out={tmp_path}")
    assert not job.path.endswith(digest)
    begun = job.root / re.sub(r"[0-9a-f]{8}$", digest, job.path)
    begun.mkdir(parents=True)
    assert make_job(*words.split(), f"out={tmp_path}").folder == begun


def test_brp_nas_has_new_products_and_does_not_go_on_with_former_results(make_job: Make, tmp_path: Path):
    words = (*f"predictor=brp {DEBUG} search.n=20 search.k=10".split(), f"out={tmp_path}")
    job = make_job(*words)
    assert job.identity["versions"] == {"predictor": 2}
    (job.root / re.sub(r"[0-9a-f]{8}$", "cab792bf", job.path)).mkdir(parents=True)
    assert make_job(*words).folder == job.folder
