"""What a benchmark has measured: rows, the table that people read, the file that is kept.

python -m bench.report   puts the kept results into README.md and docs/benchmarks.md
"""

import argparse
import json
import os
import platform
import re
import sys
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PAGES = (ROOT / "README.md", *(ROOT / "docs" / each for each in ("benchmarks.md", "scaling.md")))


@dataclass(frozen=True)
class Row:
    """One measured number, over rounds. `target` is what it has to meet, in words."""

    part: str
    what: str
    unit: str
    values: list[float]
    target: str = ""
    met: bool | None = None


def describe_machine() -> dict[str, Any]:
    """Return what the numbers depend on."""
    names = re.findall(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    memory = re.findall(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[0]) / 2**20) if memory else None,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load before": round(os.getloadavg()[0], 1),
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def parser_of(
    name: str, described: str | None, parts: Collection[str], **numbers: int
) -> argparse.ArgumentParser:
    """Return the parser of a benchmark's command: which parts, and numbers with their defaults."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=described)
    for number_name, default in numbers.items():
        parser.add_argument(f"--{number_name}", type=int, default=default)
    parser.add_argument("--only", choices=parts, action="append", help="a part; may be repeated")
    return parser


def show(rows: list[Row], console: Console) -> None:
    """Print rows as a table."""
    table = Table("part", "what", "median", "lowest", "highest", "", "target", "")
    for row in rows:
        numbers = [number(each) for each in (median(row.values), min(row.values), max(row.values))]
        table.add_row(row.part, row.what, *numbers, row.unit, row.target, verdict(row.met))
    console.print(table)


def save(name: str, machine: dict[str, Any], rows: list[Row]) -> None:
    """Keep rows in results/NAME.json, beside those of parts that were not measured this time."""
    RESULTS.mkdir(exist_ok=True)
    path, fresh = RESULTS / f"{name}.json", {row.part for row in rows}
    old = json.loads(path.read_text())["rows"] if path.exists() else []
    kept = [row for row in old if row["part"] not in fresh] + [asdict(row) for row in rows]
    path.write_text(json.dumps({"machine": machine, "rows": kept}, indent=1) + "\n")


def number(value: float) -> str:
    """Return a number as people read it: three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def verdict(met: bool | None) -> str:
    return {True: "met", False: "MISSED", None: ""}[met]


def markdown(names: Iterable[str], *, short: bool = False) -> str:
    """Return kept results as a table in Markdown; `short`: only what has a target."""
    lines = ["| | median | lowest to highest | target | |", "| --- | --- | --- | --- | --- |"]
    part = ""
    for name in names:
        for kept in json.loads((RESULTS / f"{name}.json").read_text())["rows"]:
            row = Row(**kept)
            if short and not row.target:
                continue
            if row.part != part and not short:
                part = row.part
                lines.append(f"| **{part}** | | | | |")
            low, high = number(min(row.values)), number(max(row.values))
            shown = f"{number(median(row.values))} {row.unit}"
            lines.append(
                f"| {row.what} | {shown} | {low} to {high} | {row.target} | {verdict(row.met)} |"
            )
    return "\n".join(lines)


def machine_line(name: str) -> str:
    """Return on what a part was measured."""
    kept = json.loads((RESULTS / f"{name}.json").read_text())["machine"]
    return (
        f"{kept['processor']}, {kept['cores']} cores, {kept['memory_gb']} GB, {kept['system']}, "
        f"Python {kept['python']}; {kept['measured']}."
    )


def fill(page: str) -> str:
    """Return a page with the tables between its `<!-- bench: … -->` marks made again."""

    def table(match: re.Match[str]) -> str:
        short, names = match[1] == "short", match[2].split()
        body = f"{markdown(names, short=short)}\n\n{machine_line(names[0])}"
        return f"{match[0].splitlines()[0]}\n{body}\n<!-- /bench -->"

    pattern = r"<!-- bench: (short|whole) ([a-z ]+) -->\n.*?<!-- /bench -->"
    return re.sub(pattern, table, page, flags=re.DOTALL)


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""


def main() -> int:
    for page in PAGES:
        page.write_text(fill(page.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
