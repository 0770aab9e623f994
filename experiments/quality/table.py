"""The README's table and picture from result files.

Run as: python experiments/quality/table.py outputs/quality  (see experiments/README.md for the sweep that makes them)
"""

import csv
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

from siamnas.results.store import Result  # noqa: E402
from siamnas.results.summary import mean_std  # noqa: E402

HERE = Path(__file__).parent
METHODS = {
    "random": ("random search", "#7f7f7f"),
    "column": ("FLOPs order", "#000000"),
    "gcn": ("gcn", "#56b4e9"),
    "siams": ("siams", "#009e73"),
    "siams_nsam": ("siams + NSAM", "#e69f00"),
    "siams_nsam_bts": ("siams + NSAM + BTS", "#d55e00"),
}
KS = (1, 10, 30, 60, 170)


def load(folder: Path) -> dict[tuple[int, str], Result]:
    """Result files below `folder` by (N, predictor)."""
    results = [Result.load(path) for path in sorted(folder.glob("**/result.npz"))]
    return {(r.meta["config"]["search"]["n"], r.meta["choices"]["predictor"]): r for r in results}


def rows(results: dict[tuple[int, str], Result]) -> list[list[str]]:
    """One row per N and method: mean and standard deviation over the repeats, in percent."""
    table = []
    for n in sorted({n for n, _ in results}):
        for method, (name, _) in METHODS.items():
            result = results.get((n, method))
            if result is None:
                continue
            best = 100 * result.arrays["best"]
            mean, std = mean_std(best)
            cells = [f"{mean[k - 1]:.2f} ± {std[k - 1]:.2f}" for k in KS]
            rho = f"{result.arrays['spearman'].mean():.2f}"
            queries = f"{result.arrays['queries'][:, 29].mean():.0f}"
            table.append([str(n), name, rho, *cells, queries, f"{result.meta['seconds']:.0f}"])
    return table


def picture(results: dict[tuple[int, str], Result], n: int, path: Path) -> None:
    """Best-so-far curves at one N; the band is a quarter of the standard deviation, as in the paper."""
    figure, axes = plt.subplots(figsize=(7.2, 4.2), layout="constrained")
    for method, (name, colour) in METHODS.items():
        result = results.get((n, method))
        if result is None:
            continue
        best = 100 * result.arrays["best"][:, :170]
        mean, std = mean_std(best)
        k, band = range(1, best.shape[1] + 1), std / 4
        axes.plot(k, mean, color=colour, label=name, linewidth=1.8)
        axes.fill_between(k, mean - band, mean + band, color=colour, alpha=0.15, linewidth=0)
    optimum = 100 * next(iter(results.values())).meta["optimum"]
    axes.axhline(optimum, color="#999999", linewidth=0.8, linestyle="--")
    axes.annotate(f"optimum {optimum:.2f}", (168, optimum), ha="right", va="bottom", color="#666666", fontsize=9)
    axes.set(
        xlabel="K, evaluated from the top of the ranking",
        ylabel="best test accuracy so far, %",
        title=f"NAS-Bench-201, CIFAR-100, N = {n} trained architectures, 100 repeats",
        xlim=(1, 170),
        ylim=(70, 73.8),
    )
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Write `table.md`, `table.csv` and `curves.png` beside this file."""
    results = load(Path(sys.argv[1]))
    head = ["N", "method", "Spearman", *(f"K = {k}" for k in KS), "queries at K = 30", "seconds"]
    table = rows(results)
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *table]]
    (HERE / "table.md").write_text("\n".join(lines) + "\n")
    with (HERE / "table.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *table])
    picture(results, 100, HERE / "curves.png")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
