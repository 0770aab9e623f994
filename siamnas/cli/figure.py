"""A figure of the spaces themselves: it searches nothing, so what is said of a job has no effect on it.

Run as: siamnas figure fig4
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig

from siamnas.config import overrides
from siamnas.config.compose import options, plain
from siamnas.config.instantiate import check_fields, make
from siamnas.config.validate import check
from siamnas.errors import InputError
from siamnas.experiment import build
from siamnas.experiment.configuration import Name, Out
from siamnas.runtime import files, terminal
from siamnas.runtime.drawing import narrow, narrow_file

if TYPE_CHECKING:
    from siamnas.report.draw.landscape import Landscape
    from siamnas.spaces.benchmark import Benchmark

KEYS = ("figure", "name", "out", "hydra")  # what a command line may say of a figure


@dataclass
class Main:
    """The top level of `conf/figure.yaml`."""

    figure: dict
    name: Name
    out: Out


@dataclass(frozen=True)
class Figure:
    """A figure that was asked for, checked.

    Attributes:
        fields: the function that draws it as `_target_`, and its arguments; spaces as groups of keys.
        name: of its files and their folder.
        out: the folder of that folder.
    """

    fields: dict[str, Any]
    name: str
    out: str

    @property
    def folder(self) -> Path:
        """Where its files go, absolute."""
        return (Path(self.out).expanduser() / self.name).absolute()

    def draw(self) -> None:
        """Draw it, write it as SVG, PNG and CSV into its folder and print its numbers.

        Raises:
            InputError: a field does not fit its function or the spaces, or the folder cannot be written.
        """
        with terminal.doing("drawing the figure"):
            spaces = self._spaces()
            made = self._make(spaces)
            with narrow():
                column = self._make(spaces)
        try:
            made.save(self.folder, self.name)
            files.write(self.folder / narrow_file(self.name), column.svg)
        except OSError as error:
            raise InputError(f"out: cannot write to {self.folder}: {error.strerror}") from error
        terminal.out.print(made.to_rich())
        terminal.out.print(
            f"figure: {terminal.placed(self.folder / self.name)}.svg, .png and .csv; "
            f"80 mm wide: {narrow_file(self.name)}",
            markup=False, highlight=False,
        )  # fmt: skip

    def _spaces(self) -> "dict[str, Benchmark]":
        """Load its spaces."""
        spaces = {}
        for name, fields in self.fields.get("spaces", {}).items():
            try:
                spaces[name] = build.benchmark({"space": fields})
            except InputError as error:
                raise InputError(f"figure.spaces.{name}: {error}") from error
        return spaces

    def _make(self, spaces: "Mapping[str, Benchmark]") -> "Landscape":
        """Draw it."""
        own = {key: value for key, value in self.fields.items() if key != "spaces"}
        return make("figure", own, {"spaces": spaces})


def check_words(arguments: list[str]) -> None:
    """Check that nothing is asked of a figure that only a search has.

    Args:
        arguments: of the command line.

    Raises:
        InputError: a word would have no effect.
    """
    flags, words = overrides.taken(arguments)
    for word in words:
        if overrides.target(str(word.input_line)).partition(".")[0] not in KEYS:
            raise InputError(
                f"{word.input_line}: has no effect, a figure searches nothing; give figure.KEY=..., name or out, "
                "and --cfg job to see the keys"
            )
    if flags.multirun or any(word.key_or_group == "hydra.mode" for word in words):
        raise InputError("a figure is drawn by itself, there is no sweep over figures; leave out -m and hydra.mode")


def load(cfg: DictConfig, choices: Mapping[str, str | None]) -> Figure:
    """Resolve a composed configuration and check all types and ranges.

    Args:
        cfg: as Hydra composed it.
        choices: the chosen option of every group, `hydra.runtime.choices`.

    Raises:
        InputError: with the key, the value and what is allowed.
    """
    if not (chosen := choices.get("figure")):
        raise InputError(f"which figure? siamnas figure {' or '.join(options('figure'))}")
    config = plain(cfg)
    config["name"] = config.get("name") or chosen.replace("/", ".")
    check(Main, config)
    fields = config["figure"]
    check_fields(fields, "figure")
    for name, space in fields.get("spaces", {}).items():
        check_fields(space, f"figure.spaces.{name}")
    return Figure(fields, config["name"], config["out"])
