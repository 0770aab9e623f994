"""Command lines that must be refused at once, by a sentence that names the key."""

import re
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from siamnas.config.compose import compose
from siamnas.errors import InputError
from siamnas.experiment import build, configuration, dry_run
from siamnas.measure import evaluator, settings

BIG = 10**12

SEARCHES = f"""
name=|name=.|name=..|name=...|name=../x|name=/x|name=a/b|name='a\\b'|name=C:|name="a\tb"|name="a\x1b[2J"|name=ünï
name=7|name=true|name=null|name=[a]|name={"x" * 300}|name={{a:1}}|name=${{missing}}
out=|out=null|out=3|out=a/{"x" * 300}/b|out="a\x00b"
seed=-1|seed=1.5|seed=x|seed={10**30}|seed=null|repeats=0|repeats={BIG}|repeats=1e3|repeats=10000000
search.n=0|search.n={BIG}|search.n=-{BIG}|search.n=15625|search.n=nan|search.k={BIG}|search.k=0|search.depth={BIG}
search.rerank=-1|search.x=1|search=none|search=../search/topk|space=../space/nb201_c10|space=..|space=[a,b]
space=/etc/passwd|experiment=../../x|predictor=../acquisition/top
trainer.epochs={BIG}|trainer.epochs=0|trainer.batch_size={BIG}|trainer.chunk={BIG}|trainer.threads={BIG}
trainer.closing_epochs={BIG}|trainer.closing_lr=1e30|trainer.closing_lr=nan|trainer.closing_lr=-1|trainer.ranked_share=0
trainer.ranked_share=2|trainer.norm_momentum=inf|trainer.phases=[]|trainer.phases=[{{share:1,lr:1e30}}]|trainer.phases=3
trainer.precision=odd|trainer.accelerator=tpu|trainer=odd
predictor.channels={BIG}|predictor.channels=0|predictor.channels=a|predictor.mixup=2|predictor.pooling=all
predictor=brp predictor.width={BIG}|predictor=brp predictor.layers={BIG}|predictor=brp predictor.lr=1e30
predictor=brp predictor.epochs={BIG}|predictor=brp predictor.batch={BIG}|acquisition.rounds={BIG}
acquisition.window=[1,0]|acquisition=half acquisition.rounds={BIG}
predictor=forest predictor.model.n_estimators={BIG}|predictor=forest predictor.model.n_estimators=0
predictor=forest predictor.model.n_estimators=ten|predictor=forest +predictor.model.max_depth=-3
predictor=forest +predictor.model.criterion=odd|predictor=boosting +predictor.model.learning_rate=-1
predictor=forest +predictor.model.max_dept=3|predictor=forest predictor.model._target_=os.system
predictor=forest predictor.model._target_=sklearn.datasets.load_iris
predictor=forest +predictor.model.init._target_=os.system
predictor=column predictor.column=test_200_mean|predictor=column predictor.column=odd
logger._target_=os.system|logger._target_=joblib.load|logger._target_=subprocess.run|logger._target_=builtins.open
logger.project=a/b|logger.project=|logger.mode=odd|logger.init_timeout=1e300|logger.finish_timeout=0
+logger.filename=x|space._target_=numpy.load|space._target_=torch.load|oracle._target_=os.getcwd
acquisition._target_=shutil.rmtree|search._target_=siamnas.search.base.Search|predictor._target_=os|predictor._target_=
+predictor._recursive_=true|+predictor._args_=[1]|+space.inner._target_=os.system
space.constraints=[flops<=1e-9]|space.constraints=[flop<=1]|space.label.run=odd
space.label.epochs={BIG}|space.code.length={BIG}
oracle=train network.cells={BIG}|oracle=train network.widths=[{BIG}]|oracle=train images.size={BIG}
oracle=train images.train={BIG}|oracle=train what.epochs=1|oracle=train oracle.workers={BIG}
oracle=train oracle.metric.column=odd|network=nb201|space=json space.path=nowhere|space=json|=|search.n=[|a b|+|~|x=1
"""
MEASUREMENTS = f"""
what=code what.epochs={BIG}|what=code what.batch_size={BIG}|what=code what.lr=1e30|images.size={BIG}|network.cells={BIG}
network.widths=[]|network.widths=[{BIG}]|what=flops what.image=[3,{BIG},{BIG}]|workers={BIG}|archs={BIG}
archs=[]|archs=[x]
what=zero_cost what.scores=[odd]|what=zero_cost what.batch={BIG}|what._target_=os.system|network._target_=torch.load
images._target_=numpy.load|device=odd|name=../x
"""


def each(table: str) -> list[str]:
    return [words for line in table.strip("\n").split("\n") for words in line.split("|")]


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """What is allocated beyond this ends in an error of its own."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def key_of(words: str) -> str:
    """The last key that is set, without the number of an entry."""
    return words.rpartition(" ")[2].lstrip("+~").partition("=")[0]


def test_there_are_many():
    assert len(each(SEARCHES)) + len(each(MEASUREMENTS)) > 140


@pytest.mark.parametrize("words", each(SEARCHES))
def test_a_search_is_refused(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        job = configuration.load(*compose(split(words)))
        dry_run.fits(job, build.benchmark(job.config))
        build.logger(job.config)
    names_the_key(str(error.value), words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", each(MEASUREMENTS))
def test_a_measurement_is_refused(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        evaluator.fits(settings.load(*compose(split(words), "measure")))
    names_the_key(str(error.value), words)
    assert not list(tmp_path.iterdir())


def split(words: str) -> list[str]:
    return re.split(r" (?=[\w+~.]+=)", words)


def names_the_key(message: str, words: str) -> None:
    key = key_of(split(words)[-1])
    assert key.removesuffix(".x") in message or key.rpartition(".")[2] in message, message
