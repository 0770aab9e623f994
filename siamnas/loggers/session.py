"""One run of Weights & Biases, from its first value to its end. A failure costs one warning line."""

import logging
import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas.errors import reason
from siamnas.loggers import reach
from siamnas.loggers.modes import wanted_mode
from siamnas.loggers.reach import without_password
from siamnas.runtime import terminal, variables
from siamnas.runtime.packages import missing

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

FAILED, INTERRUPTED = 1, 255  # exit codes by which W&B calls a run failed, or killed


@dataclass(frozen=True)
class Account:
    """Where runs are uploaded, and how long to wait; see `WandbLogger`."""

    project: str
    entity: str | None
    mode: str
    init_timeout: float
    finish_timeout: float
    system: bool = False


class Session:
    """A run that starts with the first value.

    Args:
        account: where it is uploaded.
        root: the folder whose subfolder `wandb` has its files.
        about: `name`, `group`, `tags` and `config`; with an `id`, an interrupted run is continued.
        prepare: called with the run when it has started.
    """

    def __init__(
        self, account: Account, root: Path, about: dict[str, Any], prepare: "Callable[[wandb.Run], None] | None" = None
    ) -> None:
        self.account = account
        self.root = root
        self.about = about
        self.prepare = prepare
        self._run: wandb.Run | None = None
        self._mode = ""
        self._ended = False
        self._variables = ExitStack()  # of W&B, as long as the run lasts

    def do(self, work: "Callable[[wandb.Run], None]") -> bool:
        """Call `work` with the run; False if that fails, or W&B is disabled."""
        if self._ended:
            return False
        try:
            if self._run is None:
                self._start()
                if self._run is not None and self.prepare is not None:
                    self.prepare(self._run)
            if self._run is not None:
                work(self._run)
        except Exception as error:  # W&B must not cost a search its success
            said = missing(error) or f"{type(error).__name__}: {without_password(reason(error))}"
            self._warn("not logged: %s", said)
            self.close(FAILED)
        return not self._ended

    def tell(self, values: dict[str, Any], step: int | None = None) -> None:
        """Log a row; W&B drops it if the run has passed the step already."""
        self.do(lambda run: run.log(values, step=step))

    def close(self, exit_code: int = 0) -> bool:
        """End the run, if there is one, and log where it is.

        Returns:
            False if it was not uploaded in time.
        """
        run, self._run, self._ended = self._run, None, True
        with self._variables:
            return run is None or self._finished(run, exit_code)

    def _finished(self, run: "wandb.Run", exit_code: int) -> bool:
        folder = Path(run.dir).parent
        try:
            run.finish(exit_code=exit_code)
        except TimeoutError:
            reach.forget()
            self._warn("the upload was not finished after %g s", self.account.finish_timeout)
            return False
        except Exception as error:
            self._warn("not finished: %s: %s", type(error).__name__, without_password(reason(error)))
            return False
        if self._mode == "online":
            log.info("Weights & Biases: %s", reach.shown(run.url or ""))
        else:
            log.info("Weights & Biases: offline run; to upload it: wandb sync '%s'", terminal.placed(folder))
        return True

    def _warn(self, message: str, *values: object) -> None:
        """Log what went wrong, and what helps."""
        again = "; the same command tries again" if "id" in self.about else ""
        log.warning(f"Weights & Biases: {message}{again}", *values)

    def _start(self) -> None:
        """Start the run, offline if there is no connection; end the session if W&B is disabled."""
        self._mode = wanted_mode(self.account.mode, self.account.init_timeout)
        if self._mode == "disabled":
            self._ended = True
            return
        (self.root / "wandb").mkdir(parents=True, exist_ok=True)  # W&B would quietly take a temporary folder instead
        self._variables.enter_context(variables.unless_set(self._environment()))
        import wandb

        try:
            self._run = self._init(self._mode)
        except wandb.Error as error:
            if self._mode == "offline":
                raise
            reach.give_up(reach.cause(error))
            wandb.teardown()  # its service still holds the id
            self._mode = "offline"
            self._run = self._init(self._mode)

    def _init(self, mode: str) -> "wandb.Run":
        import wandb

        return wandb.init(
            project=self.account.project,
            entity=self.account.entity,
            dir=self.root,
            mode=mode,  # type: ignore[arg-type]
            # Offline there is no server to ask; without `resume`, wandb sync keeps the numbers of the steps.
            resume="allow" if "id" in self.about and mode == "online" else None,
            reinit="create_new",  # a run that the user has begun is neither returned nor finished
            **self.about,
            settings=wandb.Settings(
                init_timeout=self.account.init_timeout,
                finish_timeout=self.account.finish_timeout,
                finish_timeout_raises=True,
                console="off",
                silent=True,
                x_disable_stats=not self.account.system,
            ),
        )

    def _environment(self) -> dict[str, str]:
        """Environment variables of W&B for options that it has no settings for."""
        return {
            "WANDB_SILENT": "true",  # this class logs all that matters
            "WANDB_ERROR_REPORTING": "false",  # telemetry, which waits for the server when the process ends
            "WANDB_HTTP_TIMEOUT": str(math.ceil(self.account.init_timeout)),  # of each request of a table
        }
