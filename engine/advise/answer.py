"""The answer: what `diagnose` returns, as published under the schema version `wayout/v1`.

Frozen pydantic models only; every text is bilingual, so that one answer serves both languages.
Nothing here computes: see `wayout.engine.advise` for how an answer is made.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wayout.engine.case.question import NAMELESS_DESTINATION, NAMELESS_POD
from wayout.engine.facts.common import GateName

__all__ = [
    "GAPS",
    "Answer",
    "Change",
    "Coverage",
    "Finding",
    "Fix",
    "GateResult",
    "LedgerLine",
    "Need",
    "NextQuestion",
    "Plan",
    "PlanStep",
    "Proof",
    "ProofEdge",
    "ProofNode",
    "Provenance",
    "QuestionEcho",
    "Refusal",
    "ReplyOption",
    "RuledOut",
    "SourceRef",
    "Statement",
    "Text",
    "Verification",
]

SCHEMA_VERSION = "wayout/v1"
# What people read in the place of a pod or destination that nobody has named yet.
GAPS = {NAMELESS_POD: "<namespace>/<pod>", NAMELESS_DESTINATION: "<destination>"}

VerdictName = Literal["reachable", "blocked", "unknown"]
Status = Literal["passes", "blocks", "unknown", "not-applicable"]


class Frozen(BaseModel):
    # Built on first use: no answer has parts of every kind.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Text(Frozen):
    """One sentence or short paragraph in both languages."""

    en: str
    zh: str

    def pick(self, lang: str) -> str:
        """The text in `lang`: "zh" or, for anything else, English."""
        return self.zh if lang == "zh" else self.en


class FlowEcho(Frozen):
    """One address the question leads to, with its class."""

    flow: str
    ip: str
    scope: str
    protocol: str
    port: int


class QuestionEcho(Frozen):
    """The question as it was understood."""

    pod: str
    destination: str
    protocol: str
    port: int | None
    flows: tuple[FlowEcho, ...]

    @property
    def pod_shown(self) -> str:
        """The pod for people: a gap when nobody has named it yet."""
        return GAPS.get(self.pod, self.pod)

    @property
    def destination_shown(self) -> str:
        """The destination for people: a gap when nobody has named it yet."""
        return GAPS.get(self.destination, self.destination)


class SourceRef(Frozen):
    """One cited source: bibliography key, title, where, edition and how sure it is."""

    key: str
    title: Text
    url: str
    edition: str
    confidence: str


class GateResult(Frozen):
    """How one gate of the path ends; `reason` says what decided."""

    gate: GateName
    title: Text
    status: Status
    reason: Text
    proof: tuple[str, ...] = ()  # ids of proof nodes


class Statement(Frozen):
    """A sentence that a rule derived: assumption, contradiction, near miss or information."""

    code: str
    text: Text
    proof: str = ""


class Finding(Frozen):
    """Something that stops, degrades or may stop the flow."""

    code: str  # rule id
    title: Text
    gate: GateName
    status: Literal["blocks", "degrades"]
    certainty: Literal["confirmed", "possible"]
    is_primary: bool = False  # the first confirmed blocker in path order
    subject: str
    flows: tuple[str, ...]
    text: Text
    near_misses: tuple[Statement, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    fixes: tuple[str, ...] = ()  # ids of `Answer.fixes`
    proof: str = ""


class RuledOut(Frozen):
    """Something that was checked and is fine."""

    code: str
    gate: GateName
    text: Text
    proof: str = ""


class Need(Frozen):
    """A fact that lacks, and how to obtain it."""

    name: str  # list name of the case, or the name of a fact
    of: str
    gates: tuple[GateName, ...]
    codes: tuple[str, ...]  # rules that wait for it
    text: Text
    kubectl: str = ""
    aliyun: str = ""
    console: Text | None = None
    permission: str = ""  # RAM action or Kubernetes verb


class Change(Frozen):
    """The exact change, by channel; an empty channel does not exist for this fix."""

    yaml: str = ""
    kubectl: str = ""
    aliyun: str = ""
    console: Text | None = None


class Verification(Frozen):
    """Whether the rules, run again on the changed case, confirm the fix.

    yes: the finding is gone and nothing new appeared; no: it is still there or something new
    appeared; needs: a fact lacks to tell; unmodelled: the change cannot be expressed on a case.
    `after` is the proof in short: what decides at the gate of the finding once the change is made.
    """

    result: Literal["yes", "no", "needs", "unmodelled"]
    verdict_after: VerdictName | None = None
    text: Text
    after: Text | None = None


class Fix(Frozen):
    """A change that removes one finding; rank 1 is the least privileged one."""

    id: str  # file name of the template, "#2" … when used for several findings
    rank: int
    title: Text
    why: Text
    solves: tuple[str, ...]  # codes of findings
    change: Change
    patch: tuple[dict[str, Any], ...] = ()  # the same as edits on the case, see `Case.patched`
    rollback: Text
    side_effects: Text
    risk: Literal["low", "medium", "high"]
    cost: Text | None = None
    verified: Verification


class Refusal(Frozen):
    """A remedy that was worked out and is not offered, because a rule of safety refuses it."""

    fix: str  # name of the template
    title: Text
    codes: tuple[str, ...]  # of the findings it would have been for
    rule: str  # id of the entry of `knowledge/never.yaml`
    reason: Text


class PlanStep(Frozen):
    """One change of a plan, or several that only help together, and how things stand after it."""

    fixes: tuple[str, ...]  # ids of `Answer.fixes`
    removes: tuple[str, ...]  # codes that this step removes
    remains: tuple[str, ...]  # codes that still stop or disturb the flow, in path order
    next: Statement | None = None  # the first confirmed blocker that is left
    text: Text


class Plan(Frozen):
    """The smallest set of changes that frees the path as far as it goes, tried together.

    Several changes of one kind for the addresses of one destination count as one. `lacks` names
    the facts without which the verdict after all changes stays unknown.
    """

    fixes: tuple[str, ...]  # ids of `Answer.fixes`, in the order of the steps
    verdict_after: VerdictName
    text: Text
    steps: tuple[PlanStep, ...] = ()  # in path order
    lacks: tuple[Text, ...] = ()


class LedgerLine(Frozen):
    """Which source address the hops from `hop` on see."""

    flow: str
    hop: str
    address: str
    via: str
    proof: str = ""


class ProofNode(Frozen):
    """One node of the proof.

    rule: a firing (`code`, `title`, `text` = what it says, `sources`); fact: a measured or
    inferred fact (`fact`, `fields`); absence: a negation that held (`text`); document: a place
    in a document.
    """

    id: str
    type: Literal["rule", "fact", "absence", "document"]
    code: str = ""
    gate: str = ""
    title: Text | None = None
    text: Text | None = None
    sources: tuple[SourceRef, ...] = ()
    fact: str = ""
    fields: dict[str, str | int | bool] = Field(default_factory=dict)
    document: str = ""
    pointer: str = ""
    line: int | None = None
    collected_at: str = ""


class ProofEdge(Frozen):
    """`parent` holds because of `child`."""

    parent: str
    child: str


class Proof(Frozen):
    nodes: tuple[ProofNode, ...] = ()
    edges: tuple[ProofEdge, ...] = ()


class ReplyOption(Frozen):
    """One reply to choose, and what the rules say would follow from it."""

    id: str
    text: Text
    effect: Text
    verdict_after: VerdictName


class NextQuestion(Frozen):
    """The missing fact that is most worth asking for.

    `id` is what a reply refers to. A reply is the id of one of `replies`, a value in the form
    `value_form` ("" when none is taken), a document, or "unknown" for "don't know". A document is
    best where `is_document_best`: it tells more than a reply.
    """

    id: str
    text: Text
    why: Text
    gates: tuple[GateName, ...] = ()
    replies: tuple[ReplyOption, ...] = ()
    value_form: Literal["", "address", "addresses", "cidr", "id", "ids", "port", "text"] = ""
    is_document_best: bool = False
    how: Need | None = None  # how to find out, and which document tells it


class Coverage(Frozen):
    """What the knowledge base knows and what it openly does not model."""

    rules: dict[str, int]  # gate -> number of rules
    not_modelled: tuple[Text, ...]


class Provenance(Frozen):
    facts_digest: str
    knowledge_version: str
    engine_version: str


class Answer(Frozen):
    """The verdict with everything that proves it."""

    schema_version: Annotated[str, Field(pattern=r"^wayout/v\d+$")] = SCHEMA_VERSION
    question: QuestionEcho
    verdict: VerdictName
    summary: Text
    gates: tuple[GateResult, ...]
    findings: tuple[Finding, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    not_assessed: tuple[Need, ...] = ()
    fixes: tuple[Fix, ...] = ()
    refused: tuple[Refusal, ...] = ()
    plan: Plan | None = None  # None: nothing is confirmed to block, or no change could be tried
    next_question: NextQuestion | None = None  # only `assess` looks for one
    ledger: tuple[LedgerLine, ...] = ()
    assumptions: tuple[Statement, ...] = ()
    symptoms: tuple[Statement, ...] = ()  # what the error texts say
    information: tuple[Statement, ...] = ()
    contradictions: tuple[Statement, ...] = ()
    notices: tuple[Text, ...] = ()  # what the reader of the documents wants to say
    coverage: Coverage
    proof: Proof = Proof()
    provenance: Provenance

    def gate(self, name: str) -> GateResult:
        """The result of one gate; raises KeyError for a name that is no gate."""
        for result in self.gates:
            if result.gate == name:
                return result
        raise KeyError(name)
