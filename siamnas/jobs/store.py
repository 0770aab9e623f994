"""Results on disk: one atomic file per job, and parts of it while the job runs."""

import errno
import io
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.config import translate
from siamnas.config.translate import IDENTITY
from siamnas.config.validate import LARGEST
from siamnas.errors import InputError, reason
from siamnas.experiment.identity import digest, forms, named
from siamnas.jobs import contradictions
from siamnas.runtime import archives, notebook, regular, strict_json
from siamnas.runtime.files import prepare, whole
from siamnas.runtime.packages import explained

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siamnas.jobs.plotting import Kind

RESULT = "result.npz"
PARTS = "parts"
PER_EVALUATION = ("evaluated", "best", "chosen", "query_seconds", "spent_seconds")  # arrays (R, N + D)
META = "meta"
UNREACHABLE = (errno.ELOOP, errno.EACCES)  # what lies there may be whole

Arrays = dict[str, np.ndarray]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """What a job has found, with everything that is needed to plot and to repeat it.

    Attributes:
        arrays: as `siamnas.jobs.evaluation.evaluate` returns them, the repeat as the leading axis of each.
        meta: JSON values: config, choices, versions, commit, device, seconds, optimum, names, found and so on.
        path: of the file, where it is known.
    """

    arrays: Arrays
    meta: dict[str, Any]
    path: Path | None = field(default=None, compare=False)

    @property
    def repeats(self) -> int:
        """R."""
        return len(self.arrays["seed"])

    @property
    def n(self) -> int:
        """N."""
        return self.meta["config"]["search"]["n"]

    @property
    def k(self) -> int:
        """K of the tables."""
        return self.meta["config"]["search"].get("k", 0)

    @property
    def method(self) -> str:
        """What tables call the job: its label, its predictor, or its search where that needs none."""
        from siamnas.jobs import summary

        return summary.names(self)["method"]

    @property
    def best(self) -> "pd.DataFrame":
        """One row per repeat: the architecture that it recommends after N + K evaluations, and its reported value."""
        import pandas as pd

        columns = ["seed", "index", "architecture", "value", "label"]
        return pd.DataFrame(self.meta["found"]).rename(columns={"accuracy": "value"})[columns]

    def to_frame(self) -> "pd.DataFrame":
        """One row per repeat and evaluation: which architecture, the best so far, and the time spent until then."""
        import pandas as pd

        repeats, spent = self.arrays["best"].shape
        columns = {"seed": np.repeat(self.arrays["seed"], spent), "evaluations": np.tile(np.arange(spent) + 1, repeats)}
        return pd.DataFrame(columns | {name: self.arrays[name].ravel() for name in PER_EVALUATION})

    def plot(self, ax: "Axes | None" = None, *, kind: "Kind" = "best") -> "Axes":
        """Draw the best so far of the repeats, or how well they were predicted, see `siamnas.jobs.plotting.plot`."""
        with explained():
            from siamnas.jobs import plotting

            return plotting.plot(self, ax, kind)

    def __repr__(self) -> str:
        from siamnas.jobs import summary

        try:
            told = ", ".join(f"{name} {text}" for name, text in summary.cells(self).items())
            return f"<Result of {summary.title(self)}: {told}>"
        except Exception:  # of a part, or of a file that may hold anything
            return f"<Result: {', '.join(self.arrays)}>"

    def _repr_html_(self) -> str:
        from siamnas.jobs import summary

        return notebook.table([summary.cells(self)], summary.title(self))

    def save(self, path: Path) -> None:
        """Write the file so that it is there as a whole or not at all.

        Raises:
            InputError: it can't be written.
        """
        packed = io.BytesIO()  # it is small; a zip file that is cut off while it is written has errors of its own
        np.savez_compressed(packed, **self.arrays, **{META: np.array(json.dumps(self.meta))})  # type: ignore[arg-type]
        with whole(path, "wb") as file:
            file.write(packed.getbuffer())

    @classmethod
    def load(cls, path: Path) -> "Result":
        """Read a file that `save` has written.

        Raises:
            InputError: the file is damaged or not a result.
            OSError: there is no file.
        """
        meta, arrays = _read(path, None)
        return cls(translate.arrays(arrays), meta, path)


def read_meta(path: Path) -> dict[str, Any]:
    """The `meta` of a result file alone, which is quick; its arrays need not be readable.

    Raises:
        InputError: the file is damaged or not a result.
        OSError: there is no file.
    """
    return _read(path, [META])[0]


def _read(path: Path, wanted: Sequence[str] | None) -> tuple[dict[str, Any], Arrays]:
    """`meta` and the wanted of the other arrays of a file, which may be anything: nothing is taken on trust."""
    try:
        with regular.opened(path) as file:
            arrays = archives.read(file, wanted, LARGEST)
        meta = strict_json.loads(str(arrays.pop(META)))
        if not isinstance(meta, dict):
            raise ValueError(f"{META} is no dictionary")
        meta = translate.meta(meta)
        if IDENTITY in meta:
            meta[IDENTITY] = named(meta[IDENTITY])
        return meta, arrays
    except (FileNotFoundError, NotADirectoryError):
        raise
    except Exception as error:  # of the system, of the unpacking, of an array or of the text
        if isinstance(error, OSError) and error.errno in UNREACHABLE:
            raise InputError(f"{path}: can't be read: {error.strerror}") from error
        ours = path.name == RESULT or path.parent.name == PARTS  # a file of anything else is not ours to delete
        hint = "; delete it to have it computed again" if ours else f"; must be a {RESULT}"
        raise InputError(f"{path}: not a readable result file ({reason(error)}){hint}") from error


def merge(parts: list[Result]) -> Arrays:
    """The arrays of consecutive parts as one.

    Raises:
        InputError: one holds other arrays than the others.
    """
    forms = [{name: (a.dtype, a.shape[1:]) for name, a in part.arrays.items()} for part in parts]
    if odd := [part for part, form in zip(parts, forms, strict=True) if form != forms[-1]]:
        raise InputError(f"{odd[0].path or PARTS}: holds other arrays than the other parts; delete it")
    return {name: np.concatenate([part.arrays[name] for part in parts]) for name in parts[0].arrays}


class Store:
    """The folder of one job.

    Args:
        folder: made when something is written to it.
        identity: of the job, see `siamnas.experiment.identity`.
    """

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        self.folder = folder
        self.identity = identity

    @property
    def path(self) -> Path:
        """The result file."""
        return self.folder / RESULT

    def finished(self) -> Result | None:
        """The result, if this job has been done before.

        Raises:
            InputError: the file is damaged, holds the result of another configuration, or contradicts itself.
        """
        try:
            result = Result.load(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if result.meta.get(IDENTITY) != self.identity:
            raise InputError(
                f"{self.path} holds the result of another configuration; move it away or change out or name"
            )
        contradictions.check(self.path, result.arrays, result.meta)
        return result

    def prepare(self) -> None:
        """Make sure that a result can be written.

        Raises:
            InputError: it can't.
        """
        prepare(self.folder)

    def parts(self, seeds: range) -> list[Result]:
        """What earlier runs of this job have finished before they were cut off; no repeat occurs twice."""
        parts: list[Result] = []
        seen: set[int] = set()
        for path in sorted((self.folder / PARTS).glob("*.npz")):
            try:
                part = Result.load(path)
                contradictions.check(path, part.arrays, part.meta)
            except (OSError, InputError) as error:
                log.warning("%s", error)
                continue
            own = set(part.arrays["seed"].tolist())
            if part.meta.get(IDENTITY) == self.identity and own <= set(seeds) and not own & seen:
                parts.append(part)
                seen |= own
        return parts

    def save_part(self, seeds: range, part: Result) -> None:
        """Keep the part of these repeats.

        Raises:
            InputError: it can't be written; the parts that were kept before still are.
        """
        part.save(self._part_path(seeds))

    def save(self, result: Result) -> None:
        """Write the result, then drop the parts."""
        result.save(self.path)
        self.drop_parts()

    def drop_parts(self) -> None:
        """Remove the parts of a job that has its result; who was killed while it did so has left some."""
        shutil.rmtree(self.folder / PARTS, ignore_errors=True)

    def _part_path(self, seeds: range) -> Path:
        return self.folder / PARTS / f"{seeds.start}-{seeds.stop - 1}.npz"


def is_of(folder: Path, meta: Mapping[str, Any]) -> bool:
    """Whether a result is that of the job that a folder is named after."""
    return folder.name.endswith(tuple(f",{digest(one)}" for one in forms(meta.get(IDENTITY) or {})))
