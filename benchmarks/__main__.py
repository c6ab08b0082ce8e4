"""Measures wayout against its budgets: `make bench`. Everything in one run, as ratios.

Absolute times depend on the machine and its neighbours; the ratios are what to compare.
"""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.cold_start import cold_start
from benchmarks.naive import Naive
from wayout.engine import Case, diagnose
from wayout.engine.advise.diagnosis import question_of, shipped
from wayout.engine.observe import observe
from wayout.engine.report import render

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


def times(run: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round, after a tenth as many rounds of warm-up."""
    for _ in range(max(rounds // 10, 3)):
        run()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return sorted(taken)


def row(name: str, taken: list[float], remark: str = "") -> None:
    p99 = taken[min(len(taken) - 1, int(len(taken) * 0.99))]
    print(f"  {name:<34} p50 {statistics.median(taken):8.2f} ms   p99 {p99:8.2f} ms   {remark}")


def warm() -> None:
    diagnoser = shipped()
    rules = diagnoser.knowledge.rules
    baseline = Naive(rules)
    print(f"warm diagnosis, {len(rules)} rules, verification of fixes included")
    for folder in EXAMPLES:
        case = Case.load(folder)
        question = question_of(case, None)
        facts = tuple(observe(case, question).facts)
        answer = diagnose(case)
        naive = times(lambda facts=facts: baseline.run(facts), 50)  # type: ignore[misc]
        observing = times(lambda case=case, q=question: observe(case, q), 100)  # type: ignore[misc]
        inferring = times(lambda facts=facts: diagnoser.inference.run(facts), 200)  # type: ignore[misc]
        whole = times(lambda case=case: diagnose(case), 200)  # type: ignore[misc]
        base = statistics.median(naive)
        infer = statistics.median(inferring)
        print(f" {folder.name}: {answer.verdict}, {len(facts)} facts, {len(answer.fixes)} fixes")
        row("naive evaluator, same facts", naive, "baseline 1.00")
        row("observe", observing)
        row(
            "infer",
            inferring,
            f"ratio {infer / base:.2f}, {len(facts) / infer * 1000:,.0f} facts/s",
        )
        row("whole answer", whole, f"ratio {statistics.median(whole) / base:.2f}")
        row("text of the answer", times(lambda a=answer: render(a), 50))  # type: ignore[misc]


def loading() -> None:
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"web-{n}", "namespace": f"ns-{n % 50}", "labels": {"app": "web"}},
            "spec": {
                "containers": [{"name": "web", "env": [{"name": "A", "value": "b" * 60}] * 20}]
            },
            "status": {
                "phase": "Running",
                "podIP": f"10.{n // 62500}.{n // 250 % 250}.{n % 250 + 1}",
            },
        }
        for n in range(5000)
    ]
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pods.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "PodList", "items": pods}))
    text = path.read_text()
    print("load a case of 5,000 pods")
    parse = times(lambda: json.loads(text), 5)
    load = times(lambda: Case.load(path), 5)
    row("json.loads", parse, "baseline 1.00")
    row("Case.load", load, f"ratio {statistics.median(load) / statistics.median(parse):.2f}")


def memory(rounds: int = 20_000) -> None:
    case = Case.load(ROOT / "examples" / "no-snat")
    facts = tuple(observe(case, question_of(case, None)).facts)
    run = shipped().inference.run
    for _ in range(500):
        run(facts)
    diagnose(case)
    before = resident()
    for _ in range(rounds):
        run(facts)
    for _ in range(rounds // 20):
        diagnose(case)
    print(f"memory over {rounds:,} runs and {rounds // 20:,} answers")
    print(f"  {before} MB before, {resident()} MB after")
    print(f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def resident() -> float:
    """Resident memory in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 2**20, 1)


if __name__ == "__main__":
    cold_start()
    warm()
    loading()
    memory()
