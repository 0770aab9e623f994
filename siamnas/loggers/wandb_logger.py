"""`logger=wandb`: one Weights & Biases run per config, whose repeats are curves and a table in it."""

import hashlib
import logging
import math
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from siamnas import targets
from siamnas.config import Job
from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers import reach
from siamnas.loggers.base import Logger, Tell
from siamnas.loggers.modes import check_mode, wanted_mode
from siamnas.metric import Metric
from siamnas.schema import Rule, Seconds, Word

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

ProjectName = Annotated[
    str,
    Rule(
        "a name of at most 128 characters without / \\ # ? % :",
        lambda v: bool(v.strip()) and len(v) <= 128 and v.isprintable() and not set("/\\#?%:") & set(v),
    ),
]


@dataclass
class Fields:
    """See `conf/logger/wandb.yaml`."""

    _target_: Word
    project: ProjectName
    entity: ProjectName | None
    group: Word | None
    mode: Literal["auto", "online", "offline"]
    init_timeout: Seconds
    finish_timeout: Seconds


@targets.checked_by(Fields)
class WandbLogger(Logger):
    """Reports a result, or values as they come, to Weights & Biases; whatever goes wrong there is one warning line.

    Args:
        project: W&B project.
        entity: W&B entity, None for the user's default.
        group: W&B group, None for the `name` of the job.
        mode: `online`, `offline`, or `auto`: WANDB_MODE where it is set, else online with a login and offline without.
        init_timeout: seconds to wait for the server when the first run of a process starts.
        finish_timeout: seconds to wait for the upload when it ends.

    Raises:
        InputError: WANDB_MODE would decide, and makes no sense.
    """

    def __init__(
        self,
        project: str,
        entity: str | None,
        group: str | None,
        mode: str,
        init_timeout: float,
        finish_timeout: float,
    ) -> None:
        self.project = project
        self.entity = entity
        self.group = group
        self.mode = mode
        self.init_timeout = init_timeout
        self.finish_timeout = finish_timeout
        check_mode(mode)

    def log(self, job: Job, result: Result) -> bool:
        """Report the result as one run; False where that was not possible or not wanted."""
        mode = wanted_mode(self.mode, self.init_timeout)
        if mode == "disabled":
            return False
        try:
            with self._run(job.root, {**about(job), "id": run_id(job)}, mode) as run:
                fill(run, result)
        except Exception as error:  # W&B must not cost a finished search its success
            log.warning("Weights & Biases: not logged: %s; the same command tries again", first_line(error))
            return False
        return True

    @contextmanager
    def follow(self, root: Path, about: dict[str, Any]) -> Iterator[Tell]:
        """See `Follower`; the run starts with the first that is told."""
        run, works, stack = None, True, ExitStack()

        def tell(values: dict[str, Any]) -> None:
            nonlocal run, works
            if not works:
                return
            try:
                if run is None:
                    mode = wanted_mode(self.mode, self.init_timeout)
                    if mode == "disabled":
                        works = False
                        return
                    run = stack.enter_context(self._run(root, about, mode))
                run.log(values)
            except Exception as error:
                works = False
                log.warning("Weights & Biases: no longer logged: %s", first_line(error))

        try:
            yield tell
        finally:
            try:
                stack.__exit__(*sys.exc_info())
            except Exception as error:
                log.warning("Weights & Biases: not logged: %s", first_line(error))

    @contextmanager
    def _run(self, root: Path, about: dict[str, Any], mode: str) -> Iterator["wandb.Run"]:
        """A run that is started, and ended; offline where there is no connection."""
        (root / "wandb").mkdir(parents=True, exist_ok=True)  # W&B would quietly take a temporary folder instead
        for name, value in self._environment().items():
            os.environ.setdefault(name, value)
        import wandb

        try:
            run = self._start(root, about, mode)
        except wandb.Error as error:
            if mode == "offline":
                raise
            reach.give_up(reach.cause(error))
            wandb.teardown()  # its service still holds the id
            mode = "offline"
            run = self._start(root, about, mode)
        folder, exit_code = Path(run.dir).parent, 1
        try:
            yield run
            exit_code = 0
        finally:
            try:
                run.finish(exit_code=exit_code)
            except TimeoutError:
                reach.forget()
                said = "Weights & Biases: the upload is not finished after %g s; to finish it: wandb sync %s'%s'"
                log.warning(said, self.finish_timeout, "--include-online " * (mode == "online"), folder)
                mode = ""
        if mode == "offline":
            log.info("Weights & Biases: offline run; to upload it: wandb sync '%s'", folder)
        elif mode == "online":
            log.info("Weights & Biases: %s", run.url)

    def _environment(self) -> dict[str, str]:
        """Environment variables of W&B for which it has no settings, as far as the user has not set them."""
        return {
            "WANDB_SILENT": "true",  # what is to be said of it, this class says
            "WANDB_ERROR_REPORTING": "false",  # its telemetry, which waits for the server when the process ends
            "WANDB_HTTP_TIMEOUT": str(math.ceil(self.init_timeout)),  # of each question that a table asks
        }

    def _start(self, root: Path, about: dict[str, Any], mode: str) -> "wandb.Run":
        """A run with what `about` says of it."""
        import wandb

        return wandb.init(
            project=self.project,
            entity=self.entity,
            dir=root,
            mode=mode,  # type: ignore[arg-type]
            **{**about, "group": self.group or about["group"]},
            settings=wandb.Settings(
                init_timeout=self.init_timeout,
                finish_timeout=self.finish_timeout,
                finish_timeout_raises=True,
                console="off",
                silent=True,
                x_disable_stats=True,
            ),
        )


def about(job: Job) -> dict[str, Any]:
    """What a run says of its job."""
    search = job.config["search"]
    names = {"space": job.choices["space"], "predictor": job.method, "trainer": job.choices["trainer"]}
    columns = {"n": search["n"], "k": job.k, "seed": job.config["seed"], "repeats": job.config["repeats"]}
    return {
        "name": f"{names['predictor']} {names['space']} n={search['n']} k={job.k}",
        "group": job.config["name"],
        "tags": list(names.values()),
        "config": {**names, **columns, "config": job.config},
    }


def fill(run: "wandb.Run", result: Result) -> None:
    """Curves over the evaluations and the epochs, the numbers at some K, and the architecture of every repeat."""
    import wandb

    run.define_metric("evaluations")
    run.define_metric("curve/*", step_metric="evaluations")
    # The same curve under the name of its N, so that a panel can show all methods at one N.
    fixed_n = f"best_acc/N={result.n}"
    run.define_metric(fixed_n, step_metric="evaluations", summary="none")
    run.define_metric("epoch")
    run.define_metric("train/*", step_metric="epoch")
    for row in summary.training_rows(result):
        run.log({"epoch": row.pop("epoch"), **{f"train/{name}": value for name, value in row.items()}})
    for row in summary.curve_rows(result):
        named = {"evaluations": row.pop("evaluations"), fixed_n: row["best_acc_mean"]}
        run.log({**named, **{f"curve/{name}": value for name, value in row.items()}})

    best = result.meta["found"]
    columns = list(best[0])
    run.log({"best_architectures": wandb.Table(columns=columns, data=[[row[c] for c in columns] for row in best])})
    run.summary.update(final(result))


def final(result: Result) -> dict[str, Any]:
    """The summary of a run: `best_acc/K=30` and its like for several K, and the numbers of the table.

    `best_acc` is the best of all N + K evaluations, `published` the best of the first K of the ranking.
    """
    mean, std = summary.mean_std(result.arrays["best"])
    top_mean, top_std = summary.mean_std(result.arrays["published"])
    metric = Metric.of(result.meta)
    values: dict[str, Any] = {}
    for k in summary.marks(result):
        at = result.n + k - 1
        values[f"best_acc/K={k}"] = float(mean[at])
        values[f"best_acc_std/K={k}"] = float(std[at])
        values[f"regret/K={k}"] = metric.regret(result.meta["optimum"], float(mean[at]))
        values[f"published/K={k}"] = float(top_mean[k - 1])
        values[f"published_std/K={k}"] = float(top_std[k - 1])
    return {**values, **summary.numbers(result), "label": result.meta["report_name"]}


def run_id(job: Job) -> str:
    """The same for the same name and job, on every machine."""
    return hashlib.sha256(f"{job.config['name']}/{job.path}".encode()).hexdigest()[:16]


def first_line(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
