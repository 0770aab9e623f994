"""Which results belong together, and what to call them so that no two different things have one name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

NAMES = {
    "random": "random search",
    "gcn": "GCN",
    "siams": "Siams",
    "siams_nsam": "Siams + NSAM",
    "siams_bts": "Siams + BTS",
    "siams_nsam_bts": "Siams + NSAM + BTS",
    "brp": "BRP-NAS",
}
SEATS = (
    "random", "column", "forest", "boosting",
    "gcn", "siams", "siams_nsam", "siams_bts", "siams_nsam_bts", "brp",
)  # fmt: skip
"""The order of the predictors in tables and legends: baselines first, then the paper's by their parts."""

FAMILIES = {
    "siamnas.predictors.siamese.GraphPredictor": "GCN",
    "siamnas.predictors.siamese.SiamesePredictor": "Siams",
}
REGRESSOR = "siamnas.predictors.regressor.Regressor"
MODELS = {"RandomForestRegressor": "random forest", "GradientBoostingRegressor": "gradient boosting"}
COLUMNS = {"flops": "FLOPs", "params": "parameters", "mote_score": "MOTE score"}
SPACES = {
    "nb201_c10": "NAS-Bench-201, CIFAR-10",
    "nb201_c100": "NAS-Bench-201, CIFAR-100",
    "nb201_img16": "NAS-Bench-201, ImageNet16-120",
    "tiny_nb201": "Tiny-NASBench-201, CIFAR-10",
    "tiny_nanobench": "Tiny-NanoBench, CIFAR-10",
    "nb_macro": "NAS-Bench-Macro, CIFAR-10",
}
ORDERS = ("random", "column")  # predictors that learn nothing
LIGHT_SPACES = ("tiny_nb201", "tiny_nanobench", "nb_macro")  # those of Figure 7
METHOD_PARTS = ("label", "code")  # of the space: what a search sees, beside what it is scored by
WITHOUT_EFFECT = ("n", "k", "depth")  # of the search: n is an axis, the others only choose what is shown
PLACES = ("data_dir", "path")  # of the space: where it lies on this machine
MOST = 3  # differences that a name lists

Meta = Mapping[str, Any]
Fields = dict[str, Any]


def benchmark_fields(meta: Meta) -> Fields:
    """What two results must share to stand in one figure: the cells, and the accuracy that is reported."""
    space = {key: value for key, value in meta["science"]["space"].items() if key not in (*METHOD_PARTS, *PLACES)}
    return flat({"space": space, "report": meta["report_name"], "optimum": meta["optimum"]})


def method_fields(meta: Meta, trained: bool) -> Fields:
    """What two results of one benchmark must share to be repeats of one method.

    Args:
        meta: of the result.
        trained: whether the predictor was trained; if not, the trainer has no effect.
    """
    science = meta["science"]
    space = {key: science["space"].get(key) for key in METHOD_PARTS}
    search = {key: value for key, value in science["search"].items() if key not in WITHOUT_EFFECT}
    fields = {"predictor": science["predictor"], "space": space, "search": search}
    return flat(fields | ({"trainer": science["trainer"]} if trained else {}))


def benchmark_name(meta: Meta) -> str:
    """Space and data set for people."""
    option = meta["choices"]["space"]
    return SPACES.get(option, option)


def method_name(meta: Meta) -> str:
    """The method as the paper calls it, by the parts it has; an unknown one by its option."""
    option, fields = meta["choices"]["predictor"], meta["science"]["predictor"]
    if option == "column":
        return f"{COLUMNS.get(fields['column'], fields['column'])} order"
    if family := FAMILIES.get(fields["_target_"]):
        return family + " + NSAM" * bool(fields["nsam"]) + " + BTS" * bool(fields["sampler"])
    if fields["_target_"] == REGRESSOR:
        model = fields["model"]["_target_"].rpartition(".")[2]
        return MODELS.get(model, model)
    return NAMES.get(option, option)


def label_text(column: str) -> str:
    """The column of an accuracy in words, for example `test accuracy after 200 epochs, mean of the runs`."""
    split, _, rest = column.partition("_")
    epochs, _, run = rest.partition("_")
    if split not in ("test", "valid") or not epochs.isdigit():
        return column
    which = "mean of the runs" if run == "mean" else f"single training run {run.removeprefix('run')}"
    return f"{'validation' if split == 'valid' else split} accuracy after {epochs} epochs, {which}"


def tell_apart(names: Sequence[str], fields: Sequence[Fields], trainers: Sequence[str | None]) -> list[str]:
    """Names that differ wherever the fields do.

    Those of the same name get the keys that differ between them, such as `Siams (code.length=10)`; where these are
    many, as in an ablation, a value that most of them share goes without saying. Trainers are told wherever they differ
    at all, so that nobody compares a short training with a long one unawares; of one trainer, what few have changed.

    Args:
        names: one for each thing.
        fields: its dotted fields.
        trainers: option of its trainer; None where it was not trained.
    """
    trained = [own for own, trainer in zip(fields, trainers, strict=True) if trainer is not None]
    schedule = {key for key in differences(trained) if key.startswith("trainer.")}
    one_option = len({trainer for trainer in trainers if trainer is not None}) == 1
    by_option = schedule and _option_tells(trained, [t for t in trainers if t is not None])
    told = []
    for name, own, trainer in zip(names, fields, trainers, strict=True):
        namesakes = [other for other, its in zip(fields, names, strict=True) if its == name]
        keys = [key for key in differences(namesakes) if key not in schedule]
        if len(keys) > MOST:
            keys = [key for key in keys if own.get(key) != _usual([other.get(key) for other in namesakes])]
        words = [f"{_short(key)}={_value(own.get(key))}" for key in keys]
        if trainer is not None and by_option:
            words.append(f"trainer={trainer}")
        elif trainer is not None:
            usual = {key: _usual([other.get(key) for other in trained]) for key in schedule} if one_option else {}
            words += [
                f"{key}={_value(own.get(key))}"
                for key in sorted(schedule)
                if key not in usual or own.get(key) != usual[key]
            ]
        if len(words) > MOST:
            words = [*words[:MOST], "..."]
        told.append(f"{name} ({', '.join(words)})" if words else name)
    return _numbered(told)


def differences(fields: Iterable[Fields]) -> list[str]:
    """The keys whose values are not the same everywhere, sorted."""
    fields = list(fields)
    keys = sorted({key for own in fields for key in own})
    return [key for key in keys if any(own.get(key) != fields[0].get(key) for own in fields)]


def flat(values: Mapping[str, Any], prefix: str = "") -> Fields:
    """Nested groups as dotted keys; lists stay values."""
    fields: Fields = {}
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            fields |= flat(value, f"{prefix}{key}.")
        else:
            fields[f"{prefix}{key}"] = value
    return fields


def _option_tells(fields: Sequence[Fields], trainers: Sequence[str]) -> bool:
    """Whether each trainer option stands for one schedule, so that its name says everything."""
    schedules = [str(sorted((k, str(v)) for k, v in own.items() if k.startswith("trainer."))) for own in fields]
    pairs = set(zip(trainers, schedules, strict=True))
    return len(pairs) == len(set(trainers)) == len(set(schedules))


def _usual(values: Sequence[Any]) -> Any:
    """The value of more than half of them; a new object, which equals nothing, where there is none."""
    return next((value for value in values if 2 * values.count(value) > len(values)), object())


def _short(key: str) -> str:
    """A dotted key without the group that it is obvious for."""
    return key.removeprefix("predictor.").removeprefix("space.")


def _value(value: Any) -> str:
    """A value as it stands in the configuration."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{','.join(map(_value, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _numbered(names: list[str]) -> list[str]:
    """Equal names with a number, as the last resort."""
    counts, seen = Counter(names), Counter[str]()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} #{seen[name]}" if counts[name] > 1 else name)
    return numbered
