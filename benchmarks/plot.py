"""The figures of `make bench` and of `make bench-peers` as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["DRAWN", "draw"]

FLOOR, LIMIT = "#9aa5b1", "#dc2626"
OURS, OURS_LIGHT, PEER, PEER_LIGHT = "#2563eb", "#93b4f5", "#7b8794", "#cbd2d9"
# Calls alone: a stream of 20,000 events would make every other bar vanish.
CALLS = (
    "small call",
    "small call, content",
    "small call in a session",
    "5 tools",
    "5 tools, content",
    "200 kB prompt",
    "200 kB prompt, content",
    "50 async calls at once",
    "50 async calls at once, content",
    "WebSocket turn of 20 events",
    "small call, sampled out",
    "small call, SDK disabled",
    "small call, no SDK or no provider",
)
PEER_CALLS = ("small call", "5 tools", "200 kB prompt", "50 async calls at once")

Json = Mapping[str, Any]


def draw(kind: str, content: Json, folder: Path) -> Path:
    """Write the picture of one kind into `folder`, and return its path."""
    make, name = DRAWN[kind]
    plots: Any = _matplotlib()
    figure: Any = make(plots, content)
    figure.text(0.01, 0.005, _circumstances(content), fontsize=7, color="#52606d")
    figure.savefig(folder / name, dpi=130, metadata={"Software": None})
    plots.close(figure)
    return folder / name


def _matplotlib() -> Any:
    """Return pyplot; it is in the group `bench` alone, so the checks of types run without it."""
    import_module("matplotlib").use("Agg")
    return import_module("matplotlib.pyplot")


def _bench(plots: Any, content: Json) -> Any:
    """Return a picture with a panel for each unit: floor and ours, with the targets as marks."""
    units: Json = content["figures"]
    figure, axes = plots.subplots(1, len(units), figsize=(6.5 * len(units), 6.5), squeeze=False)
    for axis, (unit, rows) in zip(axes[0], units.items(), strict=True):
        found = {row["name"]: row for row in rows}
        names = [name for name in CALLS if name in found]
        places = range(len(names))
        axis.barh([y - 0.2 for y in places], [found[n]["floor"] or 0 for n in names], 0.38, color=FLOOR, label="floor")
        axis.barh([y + 0.2 for y in places], [found[n]["ours"] for n in names], 0.38, color=OURS, label="ours")
        marks = [(found[n]["limit"], y) for y, n in zip(places, names, strict=True) if found[n]["limit"] is not None]
        if marks:
            axis.scatter(*zip(*marks, strict=True), marker="|", s=260, color=LIMIT, label="target", zorder=3)
        _finish(axis, names, unit)
    axes[0][0].legend(loc="lower right", fontsize=8)
    figure.suptitle("What tracing adds to a call of the SDK")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    return figure


def _peers(plots: Any, content: Json) -> Any:
    """Return a picture with a panel for each kind of call and unit, content off and on."""
    costs: Json = content["figures"]
    units = [*costs["bare"][PEER_CALLS[0]]]
    who = ["ours", *content["peers"]]
    figure, axes = plots.subplots(len(units), len(PEER_CALLS), figsize=(13, 4 * len(units)), sharey=True, squeeze=False)
    for row, unit in zip(axes, units, strict=True):
        for axis, name in zip(row, PEER_CALLS, strict=True):
            for shift, suffix in ((-0.2, ""), (0.2, ", content")):
                values = [costs[one][name + suffix][unit] for one in who]
                places = [y + shift for y in range(len(who))]
                axis.barh(places, values, 0.38, color=_colors(len(who), is_light=not suffix))
            _finish(axis, who, name)
            axis.set_xlabel(unit, fontsize=8)
    figure.suptitle("What instrumentations add to a call of the SDK (light: content off, dark: content on)")
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    return figure


def _colors(count: int, *, is_light: bool) -> list[str]:
    ours, other = (OURS_LIGHT, PEER_LIGHT) if is_light else (OURS, PEER)
    return [ours, *[other] * (count - 1)]


def _finish(axis: Any, names: Sequence[str], title: str) -> None:
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set_title(title, fontsize=10)
    if not axis.yaxis_inverted():
        axis.invert_yaxis()
    axis.tick_params(axis="x", labelsize=8)
    axis.grid(axis="x", color="#e4e7eb", linewidth=0.6)
    axis.set_axisbelow(True)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def _circumstances(content: Json) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    machine: Json = content["machine"]
    return f"{content['date'][:10]}   {machine['processor']}, {machine['cores']} cores   {versions}"


DRAWN: Mapping[str, tuple[Callable[[Any, Json], Any], str]] = {
    "bench": (_bench, "performance.png"),
    "peers": (_peers, "performance-peers.png"),
}
