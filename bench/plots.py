"""Plots of what `bench/matching.py` measured: accuracy and latency against size, calibration, ablation.

    python bench/plots.py          from build/bench-matching.json into docs/images

matplotlib is no dependency of the product: where it cannot be imported, nothing is drawn and that is said.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
OURS = "this matcher"


def draw(record: dict[str, Any], folder: Path) -> str:
    """Draws what `record` has into `folder`; says what was done."""
    try:
        import matplotlib
    except ImportError:
        return "matplotlib is not installed: no plots were drawn"
    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 9, "axes.grid": True, "grid.alpha": 0.3, "svg.hashsalt": "0"})
    plots = {"size": (_size, "comparison"), "calibration": (_calibration, "told"), "ablation": (_ablation, "ablation")}
    drawn = []
    for name, (plot, part) in plots.items():
        if record.get(part):
            figure = plot(pyplot, record[part])
            figure.tight_layout()
            figure.savefig(folder / f"matching-{name}.png", dpi=110, metadata={"Software": None})
            pyplot.close(figure)
            drawn.append(f"matching-{name}.png")
    return "drawn: " + (", ".join(drawn) or "nothing")


def _size(pyplot: Any, rows: list[dict[str, Any]]) -> Any:
    figure, (accuracy, latency) = pyplot.subplots(1, 2, figsize=(11, 4.4))
    rows = [row for row in rows if row["case"] != "own"]
    for method in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == method]
        style = {"linewidth": 2.4, "color": "black"} if method == OURS else {"linewidth": 1.2}
        for axes, key in ((accuracy, "top1"), (latency, "p50")):
            points = [(row["rows"], row[key]) for row in mine if row[key] is not None]
            if points:
                axes.plot(*zip(*points, strict=True), marker="o", label=method, **style)
        slow = [(row["rows"], row["p99"]) for row in mine if row["p99"] is not None]
        if method == OURS and slow:
            latency.plot(*zip(*slow, strict=True), marker=".", linestyle="--", color="black", label=f"{method}, p99")
    accuracy.set(xscale="log", xlabel="rows in the catalogue", ylabel="first match right, %", ylim=(0, 100))
    latency.set(xscale="log", yscale="log", xlabel="rows in the catalogue", ylabel="a question, p50 ms")
    latency.legend(fontsize=7)
    accuracy.set_title("Accuracy (dev questions)")
    latency.set_title("Latency, one thread")
    return figure


def _calibration(pyplot: Any, told: dict[str, list[dict[str, float]]]) -> Any:
    figure, axes = pyplot.subplots(figsize=(5, 4.6))
    axes.plot((0, 1), (0, 1), color="grey", linewidth=1, linestyle=":")
    for title, rows in told.items():
        said, held = [row["said"] for row in rows], [row["held"] for row in rows]
        total = sum(row["n"] for row in rows)
        axes.plot(said, held, marker="", label=f"{title} (n {total})")
        axes.scatter(said, held, s=[12 + 400 * row["n"] / total for row in rows], alpha=0.6)
    axes.set(
        xlabel="probability said of the first match", ylabel="share in which it was right", xlim=(0, 1), ylim=(0, 1.02)
    )
    axes.legend(loc="lower right")
    return figure


def _ablation(pyplot: Any, rows: list[dict[str, Any]]) -> Any:
    sets = [title for title in ("dev", "golden") if title in rows[0]]
    figure, every = pyplot.subplots(1, len(sets), figsize=(5.2 * len(sets), 5), sharey=True, squeeze=False)
    names = [row["without"] for row in rows[1:]][::-1]
    for axes, title in zip(every[0], sets, strict=True):
        whole = rows[0][title]
        for offset, key in ((0.2, "top1"), (-0.2, "resolved")):
            change = [(row[title][key] or whole[key]) - whole[key] for row in rows[1:]][::-1]
            places = [place + offset for place in range(len(names))]
            axes.barh(places, change, height=0.38, label=f"{key} (with everything {whole[key]:.1f})")
        axes.set_yticks(range(len(names)), names)
        axes.set(title=f"{title}: points lost without", xlabel="percentage points")
        axes.axvline(0, color="black", linewidth=0.8)
        axes.legend(fontsize=7, loc="upper left")
    return figure


def main() -> int:
    record = json.loads((HOME / "build" / "bench-matching.json").read_text(encoding="utf-8"))
    print(draw(record, HOME / "docs" / "images"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
