"""What a long-running service relies on: threads, forks, memory, and clear errors at start."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.inference.build import rule
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Barrier, Flow, SourceAddress
from wayout.engine.inference import Inference, Inferred
from wayout.engine.rules import Rule


def rules() -> list[Rule]:
    """Three gates with a join, a chain and a negation."""
    barrier = {"barrier": {"flow": "$f", "gate": "policy", "subject": "$p"}}
    address = {"source_address": {"flow": "$f", "hop": "pod", "address": "$ip"}}
    return [
        rule(1, [{"flow": {"flow": "$f", "pod": "$p", "port": 80}}], infers=barrier),
        rule(2, [{"flow": {"flow": "$f"}}, {"none": {"barrier": {"flow": "$f"}}}]),
        rule(1, [{"flow": {"flow": "$f", "ip": "$ip"}}], gate="route", infers=address),
        rule(
            1,
            [
                {"flow": {"flow": "$f"}},
                {"source_address": {"flow": "$f", "address": "$ip"}},
                {"none": {"barrier": {"flow": "$f"}}},
            ],
            gate="dns",
            concludes={"status": "passes", "subject": "$ip"},
        ),
    ]


def facts(seed: int) -> list[Fact]:
    return [
        Flow(
            flow=f"main-{n}", pod=f"shop/api-{seed}", ip=f"192.0.2.{(seed + n) % 251}", port=n * 40
        )
        for n in range(seed % 5 + 1)
    ]


def is_right(seed: int, result: Inferred) -> bool:
    flows = [fact for fact in facts(seed) if isinstance(fact, Flow)]
    blocked = [flow for flow in flows if flow.port == 80]
    free = [flow for flow in flows if flow.port != 80]
    produced = [firing.produced for firing in result.firings]
    return (
        [f for f in produced if isinstance(f, Barrier)]
        == [Barrier(flow=f.flow, gate="policy", subject=f.pod) for f in blocked]
        and [f.address for f in produced if isinstance(f, SourceAddress)] == [f.ip for f in flows]
        and [getattr(f, "subject", "") for f in produced[-len(free) :]] == [f.ip for f in free]
        and len(produced) == len(blocked) + len(flows) + 2 * len(free)
    )


@pytest.mark.parametrize("sessions", [1, 4])
def test_sixteen_threads_get_no_wrong_answer(sessions: int) -> None:
    inference = Inference(rules(), sessions=sessions)

    def work(thread: int) -> int:
        seeds = random.Random(thread).choices(range(10_000), k=500)
        return sum(not is_right(seed, inference.run(facts(seed))) for seed in seeds)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == [0] * 16


def test_threads_wait_when_every_session_is_taken() -> None:
    inference = Inference(rules(), sessions=1)
    done: list[bool] = []
    with inference._engine.sessions.one():
        thread = threading.Thread(target=lambda: done.append(is_right(3, inference.run(facts(3)))))
        thread.start()
        thread.join(timeout=0.2)
        assert thread.is_alive()
        assert done == []
    thread.join(timeout=10)
    assert done == [True]


def test_memory_stays_flat_over_twenty_thousand_runs() -> None:
    inference = Inference(rules())
    for seed in range(2_000):
        inference.run(facts(seed))
    gc.collect()
    before = resident()
    for seed in range(20_000):
        assert is_right(seed, inference.run(facts(seed)))
    gc.collect()
    assert resident() - before < 4 * 2**20


def resident() -> int:
    """Bytes of this process in memory now, or at most so far where /proc is not there."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_a_forked_child_runs_even_when_the_parent_was_busy() -> None:
    script = """
import os, sys, threading
from tests.inference.test_service import facts, is_right, rules
from wayout.engine.inference import Inference
inference = Inference(rules(), sessions=1)
session = inference._engine.sessions.one()
session.__enter__()  # the only session is taken while the process forks
child = os.fork()
if child == 0:
    os._exit(0 if all(is_right(n, inference.run(facts(n))) for n in range(50)) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
session.__exit__(None, None, None)
assert all(is_right(n, inference.run(facts(n))) for n in range(50))
"""
    done = run(script)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("raise ImportError('undefined symbol: PyEval_CallObject')", "does not load on Python 3."),
        ("raise ModuleNotFoundError('no module')", "durable_rules is not installed"),
    ],
)
def test_an_engine_that_does_not_load_ends_in_one_sentence(
    tmp_path: Path, module: str, expected: str
) -> None:
    (tmp_path / "durable_rules_engine.py").write_text(module)
    script = """
from tests.inference.build import rule
from wayout.engine.errors import EngineError
from wayout.engine.inference import Inference
try:
    Inference([rule(1, [{"flow": {}}])])
except EngineError as error:
    print(error)
"""
    done = run(script, tmp_path)
    assert done.stderr == ""
    assert expected in done.stdout
    assert "CPPFLAGS=" in done.stdout
    assert "--no-binary durable-rules --no-cache-dir" in done.stdout
    assert done.stdout.count("\n") == 1


def run(script: str, *first: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([*map(str, first), *sys.path])
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
