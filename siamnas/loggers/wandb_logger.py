"""`logger=wandb`: one Weights & Biases run per config, whose repeats are curves and a table in it."""

import hashlib
import logging
import netrc
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from siamnas import targets
from siamnas.config import Job
from siamnas.errors import InputError
from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers.base import Logger, Tell
from siamnas.metric import Metric
from siamnas.schema import Rule, Seconds, Word

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

MODES = {"online": "online", "offline": "offline", "disabled": "disabled", "dryrun": "offline", "run": "online"}
"""Values of WANDB_MODE -> what they mean."""
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
        init_timeout: seconds to wait for the server when the run starts.
        finish_timeout: seconds to wait for the upload when it ends.

    Raises:
        InputError: WANDB_MODE would decide, and is none of `MODES`.
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
        asked = os.environ.get("WANDB_MODE")
        if mode == "auto" and asked and asked not in MODES:
            raise InputError(f"WANDB_MODE={asked}: must be {', '.join(MODES)}")

    def log(self, job: Job, result: Result) -> bool:
        """Report the result as one run; False where that was not possible or not wanted."""
        mode = wanted_mode(self.mode)
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
        mode, stack = wanted_mode(self.mode), ExitStack()
        run: wandb.Run | None = None
        works = mode != "disabled"

        def tell(values: dict[str, Any]) -> None:
            nonlocal run, works
            if not works:
                return
            try:
                run = run or stack.enter_context(self._run(root, about, mode))
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
        import wandb

        try:
            run = self._start(root, about, mode)
        except wandb.Error as error:
            if mode == "offline":
                raise
            log.warning("Weights & Biases: no connection, the run is kept offline: %s", first_line(error))
            wandb.teardown()  # its service still holds the id
            mode = "offline"
            run = self._start(root, about, mode)
        exit_code = 1
        try:
            yield run
            exit_code = 0
        finally:
            run.finish(exit_code=exit_code)
        if mode == "offline":
            folder = Path(run.dir).parent
            log.info("Weights & Biases: offline run; to upload it: wandb sync '%s'", folder)
        else:
            log.info("Weights & Biases: %s", run.url)

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


def wanted_mode(mode: str) -> str:
    """Turn `auto` into `online`, `offline` or `disabled`; never online without a login: W&B would ask for one."""
    if mode == "auto":
        mode = MODES[os.environ.get("WANDB_MODE") or ("online" if has_login() else "offline")]
    if mode == "online" and not has_login():
        log.warning("Weights & Biases: not logged in (wandb login), the run is kept offline")
        return "offline"
    return mode


def has_login() -> bool:
    """Whether W&B would find a login without asking: an API key, an identity token, or an entry in .netrc."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    host = urlsplit(os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")).netloc
    candidates = [os.environ.get("NETRC"), "~/.netrc", "~/_netrc"]
    path = next((p for c in candidates if c and (p := Path(c).expanduser()).is_file()), None)
    try:
        return path is not None and netrc.netrc(path).authenticators(host) is not None
    except (OSError, netrc.NetrcParseError):
        return False


def first_line(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
