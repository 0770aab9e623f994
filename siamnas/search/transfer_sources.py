"""Evaluations of architectures on another task, wherever they lie: a journal, a result, values of one's own."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks import shipped
from siamnas.candidates.window import Window
from siamnas.config.translate import FINGERPRINT, IDENTITY
from siamnas.errors import InputError, literal, reason, shown
from siamnas.experiment import build, configuration
from siamnas.runtime import archives, files, regular, strict_json
from siamnas.search import evaluations, halving
from siamnas.search.history import Past
from siamnas.spaces.listed import Space
from siamnas.training.training_set import Source

FILE = "sources.json"  # beside a journal
MOST = 3000  # evaluations of a source that are learnt from; of more, a part that is random but always the same
RESULT, JSON = ".npz", ".json"
FORM = 'a journal, a result.npz, or a JSON file {"architecture": value, ...}'


@dataclass(frozen=True)
class Evaluated:
    """What architectures are worth on another task.

    Attributes:
        name: for messages.
        values: text of the architecture -> value, higher is better; without those that failed.
    """

    name: str
    values: Mapping[str, float]

    def of(self, space: Space) -> Source:
        """The same by the numbers of a list, or of a window of their own where there is none.

        Raises:
            InputError: an architecture is none of the space.
        """
        labels = np.array(list(self.values.values()))
        if isinstance(space, Window):
            rows = space.domain.stack([self._parsed(space, text) for text in self.values])
            return Source(Window.of(space.domain, rows, space.reference), np.arange(len(labels)), labels)
        numbers = _numbers(space)
        if unknown := [text for text in self.values if text not in numbers]:
            raise self._foreign(unknown[0], space)
        return Source(space, np.array([numbers[text] for text in self.values]), labels)

    def _parsed(self, space: Window, text: str) -> Any:
        try:
            return space.domain.parse(text)
        except InputError as error:
            raise self._foreign(text, space) from error

    def _foreign(self, text: str, space: Space) -> InputError:
        return InputError(f"{self.name}: {shown(text)} is no architecture of {shown(space.name)}")


def read(path: str, maximise: bool = True) -> list[Evaluated]:
    """The evaluations that a path leads to; those of each repeat where it is a result of several.

    Args:
        path: of a journal, a result or a JSON file.
        maximise: whether larger values of a JSON file are better; the others know that themselves.

    Raises:
        InputError: it is something else, or holds no value.
    """
    place = Path(path).expanduser()
    name = f"search.sources={shown(path)}"
    if place.suffix not in (RESULT, JSON) and not place.is_dir():
        raise InputError(f"{name}: must be {FORM}")
    try:
        if place.suffix == RESULT:
            found = _of_result(place, name)
        elif place.suffix == JSON:
            found = [_checked(name, strict_json.loads(place.read_bytes()), 1 if maximise else -1)]
        else:
            found = [_of_journal(place, name)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{name}: cannot be read ({reason(error)}); must be {FORM}") from error
    if empty := [told.name for told in found if not told.values]:
        raise InputError(f"{empty[0]}: holds no value to learn from")
    return found


def given(sources: Any, space: Space | None, maximise: bool) -> list[list[Evaluated]]:
    """What `siamnas.Search(learn_from=...)` takes: paths, searches, and mappings from architectures to values.

    Args:
        sources: a list of them.
        space: the list whose numbers may stand for architectures; None where texts alone do.
        maximise: whether larger values of a mapping, or of a JSON file, are better.

    Raises:
        InputError: one of them is something else.
    """
    if isinstance(sources, str | Path | Mapping) or not isinstance(sources, Sequence):
        raise InputError(f"learn_from: must be a list of {FORM}, searches or mappings, not {type(sources).__name__}")
    found: list[list[Evaluated]] = []
    for place, source in enumerate(sources):
        name = f"learn_from[{place}]"
        if isinstance(source, Mapping):
            texts: dict[str, Any] = {}
            for arch, value in source.items():
                if (text := _text(arch, space, name)) in texts:
                    raise InputError(f"{name}: {shown(text)} is there twice, as {literal(arch)} as well")
                texts[text] = value
            found.append([_checked(name, texts, 1 if maximise else -1)])
        elif isinstance(source, str | Path):
            found.append(read(str(source), maximise)[:1])
        elif hasattr(source, "catalog") and hasattr(source, "values"):
            texts = {source.catalog.text(arch): value for arch, value in source.learnt.items()}
            found.append([_checked(name, texts, 1 if source.setting.maximise else -1)])
        else:
            raise InputError(f"{name}: must be {FORM}, a siamnas.Search or a mapping, not {type(source).__name__}")
    return found


def keep(folder: Path, sources: Sequence[Sequence[Evaluated]]) -> None:
    """Put sources beside a journal."""
    told = [[[one.name, dict(one.values)] for one in source] for source in sources]
    files.write(folder / FILE, json.dumps(told).encode())


def kept(folder: Path) -> list[list[Evaluated]]:
    """The sources beside a journal; none where it has none.

    Raises:
        InputError: they can't be read.
    """
    if not (path := folder / FILE).exists():
        return []
    try:
        return [[_checked(name, values) for name, values in source] for source in strict_json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); give learn_from") from error


def digest(sources: Iterable[Iterable[Evaluated]]) -> str:
    """Of evaluations: their architectures and values, whatever file or order they came in."""
    every = [[sorted(told.values.items()) for told in source] for source in sources]
    return hashlib.sha256(json.dumps(every).encode()).hexdigest()


def _text(arch: Any, space: Space | None, name: str) -> str:
    """The text of an architecture that is given as such, as `ask` returns it, or by its number."""
    if isinstance(arch, str):
        return arch
    if text := getattr(arch, "name", None):
        return str(text)
    if space is None or isinstance(arch, bool) or not isinstance(arch, int | np.integer) or not 0 <= arch < len(space):
        raise InputError(f"{name}: {literal(arch)} is no architecture")
    return str(space.archs[arch])


def _checked(name: str, values: Any, sign: int = 1) -> Evaluated:
    """Evaluated values as numbers; failed evaluations say nothing of the others.

    Raises:
        InputError: it is no mapping, or holds something that is no number.
    """
    if not isinstance(values, Mapping):
        raise InputError(f"{name}: must map architectures to values")
    numbers = {str(arch): sign * evaluations.value(one, f"{name}, {shown(str(arch))}") for arch, one in values.items()}
    known = sorted((arch, value) for arch, value in numbers.items() if not math.isnan(value))
    if len(known) > MOST:
        known = [known[place] for place in np.random.default_rng(0).permutation(len(known))[:MOST]]
    told = Evaluated(name, dict(known))
    if not told.values:
        raise InputError(f"{name}: holds no value to learn from")
    return told


def _of_journal(folder: Path, name: str) -> Evaluated:
    """What a search of one's own was told."""
    past = Past(folder)
    return _checked(name, {past.name(arch): value for arch, value in halving.learnt(past.story).items()}, _sign(past))


def _sign(past: Past) -> int:
    return 1 if past.setting.maximise else -1


def _of_result(path: Path, name: str) -> list[Evaluated]:
    """What each repeat of a job has evaluated, by the labels of its table."""
    with regular.opened(path) as file:
        arrays = archives.read(file, ("evaluated", "meta"))
    evaluated, meta = arrays["evaluated"], strict_json.loads(str(arrays["meta"]))
    job = configuration.stored(meta["config"], meta["choices"])
    if job.trains:
        raise InputError(f"{name}: its labels are those of trainings, which the result does not hold")
    if changed := _changed(job.fingerprint, meta.get(IDENTITY, {}).get(FINGERPRINT, {})):
        raise InputError(f"{name}: {changed} does not hold any more what the result was computed from")
    made = build.benchmark(job.config)
    labels = made.measured.metric.sign * made.measured.label
    texts = made.space.archs
    return [_checked(name, {str(texts[arch]): float(labels[arch]) for arch in row}) for row in np.atleast_2d(evaluated)]


def _changed(now: Mapping[str, str], then: Mapping[str, str]) -> str:
    """The first of the user's files that is another one now; empty where all are the same."""
    own = (key for key in then if key not in shipped.digests())
    return next((key for key in own if now.get(key) != then[key]), "")


def _numbers(space: Space) -> dict[str, int]:
    """Text -> number, made once."""
    if (key := "numbers of texts") not in space.derived:
        space.derived[key] = {text: number for number, text in enumerate(space.archs.tolist())}
    found: dict[str, int] = space.derived[key]
    return found
