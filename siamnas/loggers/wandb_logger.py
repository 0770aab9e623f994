"""`logger=wandb`: one Weights & Biases run per job, with curves over its repeats and a table of them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from siamnas.benchmarks.metric import Metric
from siamnas.config.validate import Condition, Seconds, Word
from siamnas.errors import InputError
from siamnas.experiment.configuration import Job
from siamnas.jobs import provenance, summary
from siamnas.jobs.store import Result
from siamnas.loggers.base import Logger, Tell
from siamnas.loggers.modes import check_mode
from siamnas.loggers.session import FAILED, INTERRUPTED, Account, Session
from siamnas.loggers.streaming import AXES, PROGRESS

if TYPE_CHECKING:
    import wandb

RESULT = 1000  # step of the first row of a result; smaller steps are the progress of the job in thousandths
ProjectName = Annotated[
    str,
    Condition(
        "a name of at most 128 characters without / \\ # ? % :",
        lambda v: bool(v.strip()) and len(v) <= 128 and v.isprintable() and not set("/\\#?%:") & set(v),
    ),
]


class WandbLogger(Logger):
    """Reports a result, or values while they are found, to Weights & Biases. A failure costs one warning line.

    Args:
        project: W&B project.
        entity: W&B entity, None for the user's default.
        group: W&B group, None for the `name` of the job.
        mode: `online`, `offline`, or `auto`: WANDB_MODE where it is set, else online with a login and offline without.
        init_timeout: seconds to wait for the server when the first run of a process starts.
        finish_timeout: seconds to wait for the upload when it ends.
        system: whether W&B measures the machine (processors, memory, GPUs) every 15 seconds, too.

    Raises:
        InputError: `mode` is `auto`, and WANDB_MODE is no mode of W&B.
    """

    def __init__(
        self,
        project: ProjectName,
        entity: ProjectName | None,
        group: Word | None,
        mode: Literal["auto", "online", "offline"],
        init_timeout: Seconds,
        finish_timeout: Seconds,
        system: bool = False,
    ) -> None:
        self.account = Account(project, entity, mode, init_timeout, finish_timeout, system)
        self.group = group
        self._watched: Session | None = None
        check_mode(mode)

    def log(self, job: Job, result: Result) -> bool:
        """Report the result as a run, or in the run of `watch`; False if that fails, or W&B is disabled."""
        session = self._watched or self._session_of(job)
        return session.do(lambda run: fill(run, result)) and session.close()

    @contextmanager
    def follow(self, root: Path, about: dict[str, Any]) -> Iterator[Tell]:
        """See `Follower`; the run starts with the first values."""
        with ending(Session(self.account, root, {**about, "group": self.group or about["group"]})) as session:
            yield lambda values: session.tell({key: value for key, value in values.items() if value is not None})

    @contextmanager
    def watch(self, job: Job) -> Iterator[Tell]:
        """See `Watcher`; the run starts with the first values, or when the job fails."""
        session = self._session_of(job)

        def tell(values: dict[str, Any]) -> None:
            # The step follows from the progress, so that what is told again after an interruption counts once.
            session.tell(values, step=int(values[PROGRESS] / 100 * (RESULT - 1)))

        self._watched = session
        try:
            with ending(session):
                yield tell
        finally:
            self._watched = None

    def _session_of(self, job: Job) -> Session:
        said = {**about(job), "id": run_id(job)}
        return Session(self.account, job.root, {**said, "group": self.group or said["group"]}, define_axes)


@contextmanager
def ending(session: Session) -> Iterator[Session]:
    """Close a session as the work ends: finished, failed or killed."""
    try:
        yield session
    except InputError:  # the message says what to do; a run that is started only now would not
        session.close(FAILED)
        raise
    except Exception:
        session.do(lambda run: None)
        session.close(FAILED)
        raise
    except BaseException:
        session.close(INTERRUPTED)
        raise
    session.close()


def about(job: Job) -> dict[str, Any]:
    """Name, group, tags and config of the run of a job."""
    search = job.config["search"]
    names = {"space": job.choices["space"], "predictor": job.method, "trainer": job.choices["trainer"]}
    columns = {"n": search["n"], "k": job.k, "seed": job.config["seed"], "repeats": job.config["repeats"]}
    return {
        "name": f"{names['predictor']} {names['space']} n={search['n']} k={job.k}",
        "group": job.config["name"],
        "tags": list(names.values()),
        "config": {**names, **columns, "config": job.config, **provenance.origin()},
    }


def fill(run: "wandb.Run", result: Result) -> None:
    """Log the curves over the evaluations and the epochs, the numbers at several K, and the architectures found."""
    import wandb

    origin = {key: result.meta[key] for key in ("versions", "commit", "machine", "device")}
    run.config.update(origin, allow_val_change=True)  # the result may be older than this process
    # The same curve under the name of its N, so that a panel can compare methods at one N.
    fixed_n = f"best_acc/N={result.n}"
    run.define_metric(fixed_n, step_metric="evaluations", summary="none")
    rows: list[dict[str, Any]] = [{PROGRESS: 100.0}]
    for row in summary.training_rows(result):
        rows.append({"epoch": row.pop("epoch"), **{f"train/{name}": value for name, value in row.items()}})
    for row in summary.curve_rows(result):
        named = {"evaluations": row.pop("evaluations"), fixed_n: row["best_acc_mean"]}
        rows.append({**named, **{f"curve/{name}": value for name, value in row.items()}})
    best = result.meta["found"]
    columns = list(best[0])
    rows.append({"best_architectures": wandb.Table(columns=columns, data=[[row[c] for c in columns] for row in best])})
    for step, row in enumerate(rows, RESULT):  # the same each time, so that a continued run has no row twice
        run.log(row, step=step)
    run.summary.update(final(result))


def define_axes(run: "wandb.Run") -> None:
    """Define the axis of each curve; an axis gets no panel of its own."""
    for axis in ("evaluations", "epoch", "curve/k"):
        run.define_metric(axis, hidden=True)
    run.define_metric("curve/*", step_metric="evaluations")
    run.define_metric("train/*", step_metric="epoch")
    for name, axis in AXES.items():
        run.define_metric(f"live/{name}", step_metric=axis)


def final(result: Result) -> dict[str, Any]:
    """The summary of a run: `best_acc/K=30` and the like for several K, and the numbers of the table.

    `best_acc` is the incumbent after N + K evaluations, `topk` the best of the first K of the ranking.
    """
    mean, std = summary.mean_std(result.arrays["best"])
    top_mean, top_std = summary.mean_std(result.arrays["topk"])
    metric = Metric.of(result.meta)
    values: dict[str, Any] = {}
    for k in summary.marks(result):
        at = result.n + k - 1
        values[f"best_acc/K={k}"] = float(mean[at])
        values[f"best_acc_std/K={k}"] = float(std[at])
        values[f"regret/K={k}"] = metric.regret(result.meta["optimum"], float(mean[at]))
        values[f"topk/K={k}"] = float(top_mean[k - 1])
        values[f"topk_std/K={k}"] = float(top_std[k - 1])
    return {**values, **summary.numbers(result), "label": result.meta["report_name"]}


def run_id(job: Job) -> str:
    """The id of the run of a job, which depends on its `name` and its path only."""
    return hashlib.sha256(f"{job.config['name']}/{job.path}".encode()).hexdigest()[:16]
