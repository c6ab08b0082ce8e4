"""How long one run of the program takes, against importing what it is built on."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

__all__ = ["cold_start"]

ROOT = Path(__file__).parents[1]
BUDGET = 3.0  # times the baseline
BASELINE = ("-c", "import pydantic, typer")
WAYOUT = ("-m", "wayout.cli")
# An installed program has its bytecode; so has this one from its second round on, out of the tree.
ENVIRONMENT = {**os.environ, "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bench" / "bytecode")}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
RUNS = {
    "wayout diagnose examples/no-snat": (*WAYOUT, "diagnose", "-f", "examples/no-snat"),
    "wayout explain examples/no-snat": (*WAYOUT, "explain", "-f", "examples/no-snat"),
    "wayout version": (*WAYOUT, "version"),
    "wayout --help": (*WAYOUT, "--help"),
}


def cold_start(rounds: int = 15) -> float:
    """Prints the CPU time of whole processes; gives the ratio of `wayout diagnose`.

    The commands take turns, so that a noisy neighbour disturbs all of them alike.
    """
    commands = {"import pydantic, typer": BASELINE, **RUNS}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, arguments in commands.items():
            taken[name].append(cpu_milliseconds(arguments))
    medians = {name: statistics.median(times[1:]) for name, times in taken.items()}
    baseline = medians["import pydantic, typer"]
    print(f"cold start, whole process, CPU time, median of {rounds}")
    for name, median in medians.items():
        print(f"  {name:<34} {median:8.1f} ms   ratio {median / baseline:.2f}")
    ratio = medians["wayout diagnose examples/no-snat"] / baseline
    print(f"  wayout diagnose: {'within' if ratio <= BUDGET else 'OVER'} the budget of {BUDGET:g}")
    return ratio


def cpu_milliseconds(arguments: tuple[str, ...]) -> float:
    """User and system time of one Python process."""
    before = children()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode not in (0, 1, 3):  # a verdict, whichever
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}")
    return (children() - before) * 1000


def children() -> float:
    """Seconds of CPU that the ended child processes took so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    raise SystemExit(cold_start() > BUDGET)
