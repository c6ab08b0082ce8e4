"""What else a change opens or closes: the other paths of the case, tried before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from wayout.engine.advise.answer import Text, VerdictName
from wayout.engine.advise.comparison import Collateral, PathChange
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import Diagnoser
from wayout.engine.advise.filled import said
from wayout.engine.case import Case, Observation, Pod, Question, Service
from wayout.engine.errors import QuestionError

__all__ = ["collateral_of", "other_paths"]

LIMIT = 60  # paths that are tried: twice as many runs of the rules
PODS = 20  # other pods that are tried with the destination that was asked about
PORTS = 4  # ports of the same destination besides the one asked about
CROSSED = 4  # other pods and other destinations that are tried with each other


def collateral_of(
    diagnoser: Diagnoser, before: Case, after: Case, question: Question
) -> Collateral:
    """Every path of `other_paths` whose verdict differs between the two cases."""
    paths = list(other_paths(before, question))
    tried = paths[:LIMIT]
    found: dict[str, list[PathChange]] = {}
    for path in tried:
        old = judged(diagnoser, before, path)
        new = judged(diagnoser, after, path)
        if kind := kind_of(old.verdict, new.verdict):
            decisive = old if kind == "opened" else new
            change = PathChange(
                pod=path.pod,
                destination=path.destination,
                protocol=path.protocol,
                before=old.verdict,
                after=new.verdict,
                gate=decisive.gate,
                reason=decisive.reason,
            )
            found.setdefault(kind, []).append(change)
    opened, closed = found.get("opened", []), found.get("closed", [])
    left_out = len(paths) - len(tried)
    return Collateral(
        tried=len(tried),
        pods=len({path.pod for path in tried}),
        destinations=len({path.destination for path in tried}),
        left_out=left_out,
        opened=tuple(opened),
        closed=tuple(closed),
        settled=tuple(found.get("settled", ())),
        unsettled=tuple(found.get("unsettled", ())),
        text=sentence(len(tried), left_out, len(opened), len(closed)),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict about one path, with the first confirmed blocker."""

    verdict: VerdictName
    gate: str = ""
    reason: Text | None = None


def judged(diagnoser: Diagnoser, case: Case, question: Question) -> Judged:
    conclusions = Conclusions(diagnoser.infer(case, question)[1])
    verdict: VerdictName = conclusions.verdict.verdict if conclusions.verdict else "unknown"
    for entry in conclusions.of_status("blocks") if verdict == "blocked" else ():
        if entry.conclusion.certainty == "confirmed":
            return Judged(verdict, entry.conclusion.gate, said(entry.firing))
    return Judged(verdict)


def kind_of(before: VerdictName, after: VerdictName) -> str:
    """In which list of the collateral a path stands; "" when nothing changed."""
    if before == after:
        return ""
    if before == "blocked":
        return "opened"
    if after == "blocked":
        return "closed"
    return "settled" if after == "reachable" else "unsettled"


def other_paths(case: Case, question: Question) -> Iterator[Question]:
    """The other paths a case knows of, those that are most like the one asked about first."""
    pods, places = other_pods(case, question), other_destinations(case, question)
    seen = {(question.pod, question.destination, question.protocol)}
    for pod, place in [
        *((pod, question) for pod in pods[:PODS]),
        *((question.pod, place) for place in places),
        *((pod, place) for pod in pods[:CROSSED] for place in places[:CROSSED]),
        *((pod, question) for pod in pods[PODS:]),
    ]:
        path = place.model_copy(update={"pod": pod})
        key = (path.pod, path.destination, path.protocol)
        if key not in seen and f"pod/{pod}" not in path.destination:
            seen.add(key)
            yield path


def other_pods(case: Case, question: Question) -> list[str]:
    """Pods with an address, those of the same namespace first."""
    namespace = question.pod.partition("/")[0]
    names = [
        record.value.key
        for record in case.listing(Pod).records
        if record.value.status.pod_ip and record.value.key != question.pod
    ]
    return sorted(names, key=lambda name: (name.partition("/")[0] != namespace, name))


def other_destinations(case: Case, question: Question) -> list[Question]:
    """The other ports of the destination, the Services, and the names somebody looked up."""
    services = [record.value for record in case.listing(Service).records]
    ports = sorted({port.port for service in services for port in service.spec.ports})
    target, texts = question.target, list[tuple[str, str]]()
    host = f"[{target.ip}]" if ":" in target.ip else target.ip or target.host
    if host:
        others = (port for port in ports if port != target.port)
        texts += [(f"{host}:{port}", question.protocol) for port in islice(others, PORTS)]
    for service in services:
        texts += [
            (f"svc/{service.key}:{port.port}", port.protocol.lower())
            for port in service.spec.ports[:1]
        ]
    for record in case.listing(Observation).records:
        if record.value.what == "resolved" and record.value.name != target.host:
            texts.append((f"{record.value.name}:{target.port or 443}", question.protocol))
    asked = [asked_about(question, *text) for text in dict.fromkeys(texts)]
    return [path for path in asked if path is not None]


def asked_about(question: Question, destination: str, protocol: str) -> Question | None:
    """A question about another destination; None for a name that is no destination."""
    try:
        return Question(pod=question.pod, destination=destination, protocol=protocol)  # type: ignore[arg-type]
    except QuestionError:
        return None


def sentence(tried: int, left_out: int, opened: int, closed: int) -> Text:
    if not tried:
        return Text(
            en="The case knows no other pod or destination to try.",
            zh="案例中没有其他可供比对的 Pod 或目标。",
        )
    more_en = f"; {left_out} more were left out" if left_out else ""
    more_zh = f"，另有 {left_out} 条未比对" if left_out else ""
    paths = "1 other path was" if tried == 1 else f"{tried} other paths were"
    return Text(
        en=f"{paths} tried before and after: {opened} open, {closed} close{more_en}.",
        zh=f"对比了变更前后的另外 {tried} 条路径：{opened} 条被放通，{closed} 条被阻断{more_zh}。",
    )
