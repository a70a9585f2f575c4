#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turn the figures of a benchmark run into JSON, a Markdown table and an SVG plot.

usage: report.py FIGURES RELEASE FOLDER
"""
import json
import pathlib
import sys

OURS = "kmod"
PEERS = ["vfio", "uio", "kernel"]
COLOURS = {"kmod": "#2b6cb0", "vfio": "#c05621", "uio": "#6b7280", "kernel": "#4d7c0f"}

# What ours must come down to: a number of instructions, or a part of a peer's figure.
TARGETS = {
    "map-page": 5_000,
    "map-list-64": 60_000,
    "map-1m-scattered": 150_000,
    "map-1m-contiguous": 25_000,
    "irq-eventfd": 1_500,
    "irq-page": 700,
    "config-read": 900,
    "ide-command": (1 / 4, "vfio"),
    "nvme-read-qd32": (1 / 5, "kernel"),
    "bar-1g-faults": 512,
}

MEANING = {
    "map-page": "map + unmap 1 page, registered memory",
    "map-list-64": "map + unmap a 64-entry scatter list, registered memory",
    "map-1m-scattered": "map + unmap 1 MiB of scattered pages, registered memory",
    "map-1m-contiguous": "map + unmap 1 MiB, physically contiguous, registered memory",
    "unmap-range-256": "unmap 256 scattered pages by one range call",
    "unmap-list-256": "the same by one batch that names each",
    "share-256m": "256 MiB of another space's memory: share + unregister",
    "pin-256m": "the same memory pinned again: register + unregister",
    "irq-eventfd": "MSI raised -> eventfd read",
    "irq-page": "MSI raised -> seen in the shared page",
    "intx-eventfd": "INTx raised -> event read, acknowledged, unmasked",
    "config-read": "configuration read, 16 bit, one pread",
    "config-read-library": "the same by uldf_config_read()",
    "ide-command": "IDE command issue: 7 port writes + status, as one batch",
    "ide-command-single": "the same, access by access",
    "nvme-read-qd1": "NVMe 4 KiB read, queue depth 1",
    "nvme-read-qd32": "NVMe 4 KiB read, queue depth 32",
    "bar-1g": "map a BAR of 1 GiB, read a word of each page, unmap",
    "bar-1g-faults": "page faults of the same, not instructions",
}


def meaning(case):
    """What a case does, in words."""
    base = case.removesuffix("-unregistered")
    if base != case and base in MEANING:
        return MEANING[base].replace("registered memory", "registered each time")
    return MEANING.get(case, case)


def target(case, sides):
    """The figure that ours must not pass, and how it is said; None where there is none."""
    wanted = TARGETS.get(case)
    if wanted is None:
        return None, ""
    if isinstance(wanted, tuple):
        part, peer = wanted
        peers = sides.get(peer, {}).get("median")
        text = f"≤ 1/{round(1 / part)} of {peer}"
        return (None, text) if peers is None else (peers * part, text)
    return wanted, f"≤ {wanted:,}"


def verdict(case, sides):
    """Target, and whether it is met, as two cells."""
    limit, text = target(case, sides)
    ours = sides.get(OURS, {}).get("median")
    if not text:
        return text, ""
    if ours is None or limit is None:
        return text, "**not measured**"
    if ours <= limit:
        return text, "met"
    return text, f"**missed** by {100 * (ours - limit) / limit:.0f} %"


def cell(figure):
    """A figure as the table shows it."""
    if figure is None:
        return "–"
    return f"{figure['median']:,}" if "median" in figure else "missing"


def table(cases, release):
    """The Markdown table, with what is missing below it."""
    peers = [p for p in PEERS if any(p in sides for sides in cases.values())]
    lines = [
        f"# Instructions, kernel {release}",
        "",
        "Median of many steps. The clock of the run counts instructions, of kernel and process together; it sees",
        "neither cache misses nor the cost of exits.",
        "",
        "| case | " + " | ".join([OURS] + peers) + " | target | |",
        "|---|" + "--:|" * (1 + len(peers)) + "---|---|",
    ]
    missing = []
    for case, sides in cases.items():
        figures = [cell(sides.get(side)) for side in [OURS] + peers]
        lines.append(f"| {meaning(case)} (`{case}`) | " + " | ".join(figures) +
                     " | " + " | ".join(verdict(case, sides)) + " |")
        missing += [f"- `{case}` on {side}: {figure['missing']}"
                    for side, figure in sides.items() if "missing" in figure]
    if missing:
        lines += ["", "Missing:", ""] + missing
    return "\n".join(lines) + "\n"


def bars(case, sides, top, width):
    """One case of the plot: a bar for each side, the longest as wide as the plot, and a mark at the target."""
    shown = {side: f["median"] for side, f in sides.items() if "median" in f}
    limit, _ = target(case, sides)
    scale = width / max([*shown.values(), limit or 0, 1])
    out = [f'<text x="10" y="{top + 14}" font-weight="bold">{meaning(case)}</text>']
    for row, (side, value) in enumerate(shown.items()):
        y = top + 22 + 18 * row
        out.append(f'<text x="10" y="{y + 12}">{side}</text>')
        out.append(f'<rect x="70" y="{y}" width="{max(value * scale, 1):.1f}" height="14" fill="{COLOURS[side]}"/>')
        out.append(f'<text x="{76 + value * scale:.1f}" y="{y + 12}">{value:,}</text>')
    bottom = top + 22 + 18 * len(shown)
    if limit:
        x = 70 + limit * scale
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 18}" y2="{bottom}" stroke="#b91c1c" '
                   'stroke-width="2" stroke-dasharray="4 2"/>')
    return out, bottom + 14


def plot(cases, release):
    """The SVG plot; cases differ by orders of magnitude, so each has its own scale."""
    top, body = 44, []
    for case, sides in cases.items():
        if any("median" in figure for figure in sides.values()):
            lines, top = bars(case, sides, top, 520)
            body += lines
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="700" height="{top}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="10" y="22" font-size="15">Instructions, kernel {release}; dashed: what ours must not pass</text>',
        *body,
        "</svg>",
    ]) + "\n"


def main():
    """Read the figures, write the three files, print the table."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    figures, release, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    cases = {}
    with open(figures, encoding="utf-8") as lines:
        for line in lines:
            figure = json.loads(line)
            cases.setdefault(figure.pop("case"), {})[figure.pop("side")] = figure
    results = {}
    for case, sides in cases.items():
        limit, _ = target(case, sides)
        results[case] = {"meaning": meaning(case), "target": limit, "verdict": verdict(case, sides)[1].strip("*"),
                         "sides": sides}
    folder.mkdir(parents=True, exist_ok=True)
    text = table(cases, release)
    (folder / "results.json").write_text(
        json.dumps({"kernel": release, "unit": "instructions", "cases": results}, indent=2) + "\n", encoding="utf-8")
    (folder / "results.md").write_text(text, encoding="utf-8")
    (folder / "plot.svg").write_text(plot(cases, release), encoding="utf-8")
    print(text, end="")


main()
