"""What knowledge is, once read: rules, fixes, sources, examples. Frozen and free of any engine."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from wayout.engine.bilingual import Model, NonEmpty, Text
from wayout.engine.facts import KINDS, Fact, Scalar
from wayout.engine.facts.common import Conclusion, Flow, Scope
from wayout.engine.rules.text import Values

__all__ = [
    "ASKED_ABOUT",
    "GATE_PREFIXES",
    "Asking",
    "Change",
    "Channel",
    "Conclusive",
    "Edit",
    "Example",
    "FixTemplate",
    "Given",
    "HowToCollect",
    "Inferred",
    "ListNeed",
    "Model",
    "Never",
    "Operator",
    "Pattern",
    "Reply",
    "Rule",
    "Source",
    "Test",
    "Text",
    "TypedReply",
    "holds",
    "is_variable",
]

# The gates in the order their rules are evaluated, each with the prefix of its rule ids. Lookups
# are judged like any flow before `dns` draws on it; `verdict` sums up.
GATE_PREFIXES: dict[str, str] = {
    "pod": "POD",
    "policy": "POL",
    "security-group": "SG",
    "network-acl": "ACL",
    "route": "RTE",
    "internet-exit": "NAT",
    "dns": "DNS",
    "guards": "GRD",
    "own-load-balancer": "OLB",
    "destination-access": "DAC",
    "destination-service": "DSV",
    "verdict": "VER",
}
RuleGate = Literal[
    "pod",
    "policy",
    "security-group",
    "network-acl",
    "route",
    "internet-exit",
    "dns",
    "guards",
    "own-load-balancer",
    "destination-access",
    "destination-service",
    "verdict",
]
Operator = Literal["is", "same", "not", "lt", "at_most", "gt", "at_least"]
Channel = Literal["yaml", "kubectl", "aliyun", "console", "patch"]


class Test(Model):
    """One test on one field. `same` compares with a variable, `is` and the rest with a constant."""

    __test__ = False  # not a test class of pytest

    field: str
    operator: Operator
    value: Scalar


class Pattern(Model):
    """One condition: a fact of `kind` that passes all tests, or (negated) no such fact."""

    kind: str
    tests: tuple[Test, ...] = ()
    is_negated: bool = False

    @property
    def model(self) -> type[Fact]:
        """The class of the kind."""
        return KINDS[self.kind]

    def test_on(self, field: str) -> Test | None:
        """The first test on a field."""
        return next((test for test in self.tests if test.field == field), None)


class Conclusive(Model):
    """What a rule concludes about its gate for the main flow it matched; see `Conclusion`."""

    status: Literal[
        "blocks",
        "degrades",
        "passes",
        "unknown",
        "not-applicable",
        "info",
        "assumes",
        "contradicts",
    ]
    subject: str = ""  # text or $variable
    needs: str = ""  # the list or fact that lacks, for status unknown; text or $variable
    of: str = ""  # which one; text or $variable


class Inferred(Model):
    """The one fact a rule derives: constants and $variables."""

    kind: str
    fields: dict[str, Scalar]


class ListNeed(NamedTuple):
    """A list that must be complete before a `none` of a rule means anything."""

    pattern: int  # index of the negated pattern in `when`
    list: str
    of: Scalar  # constant or $variable: the owner of the list, "" when it has none


def in_tuple(value: Any) -> Any:
    """One name may stand for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class Rule(Model):
    """One unit of knowledge: when it holds, what it says, how to repair it, who says so.

    In `when` the implied `role: main` is filled in. `file` is relative to the knowledge folder.
    """

    id: str
    title: Text
    gate: RuleGate
    certainty: Literal["confirmed", "possible"] = "confirmed"
    when: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    concludes: Conclusive | None = None
    infers: Inferred | None = None
    says: Text | None = None
    fixes: tuple[str, ...] = ()
    about: Annotated[tuple[str, ...], BeforeValidator(in_tuple)] = ()
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    file: str

    @property
    def sentence(self) -> Text:
        """What a firing says; a rule that infers may leave it to its title."""
        return self.says or self.title

    @property
    def produces(self) -> str:
        """The kind of fact the rule derives."""
        return self.infers.kind if self.infers else Conclusion.kind

    @cached_property
    def variables(self) -> dict[str, tuple[int, str]]:
        """`$name` to the pattern and field that bind it: where it occurs first, positively."""
        found: dict[str, tuple[int, str]] = {}
        for index, pattern in enumerate(self.when):
            for test in pattern.tests:
                if test.operator == "same" and not pattern.is_negated:
                    found.setdefault(str(test.value), (index, test.field))
        return found

    @cached_property
    def kinds(self) -> dict[str, int]:
        """The kinds that occur exactly once positively, to the index of their pattern."""
        positive = [p.kind for p in self.when if not p.is_negated]
        return {
            p.kind: index
            for index, p in enumerate(self.when)
            if not p.is_negated and positive.count(p.kind) == 1
        }

    @cached_property
    def main_flow(self) -> int | None:
        """Index of the pattern for the main flow, which a conclusion is about."""
        for index, pattern in enumerate(self.when):
            role = pattern.test_on("role")
            is_main = role is not None and role.operator == "is" and role.value == "main"
            if pattern.kind == Flow.kind and not pattern.is_negated and is_main:
                return index
        return None

    @cached_property
    def list_needs(self) -> tuple[ListNeed, ...]:
        """The lists that must be complete for the negations of this rule to mean anything."""
        return tuple(
            need
            for index, pattern in enumerate(self.when)
            if pattern.is_negated and (need := list_need(index, pattern))
        )

    def values(self, bindings: tuple[Fact | None, ...]) -> Values:
        """What the placeholders of its texts stand for, given the facts that made it fire."""
        return BoundValues(self, bindings)


class BoundValues(Values):
    """The values of one firing by placeholder name, each looked up when it is asked for."""

    def __init__(self, rule: Rule, bindings: tuple[Fact | None, ...]) -> None:
        self._rule, self._bindings = rule, bindings

    def __getitem__(self, name: str) -> Scalar:
        if is_variable(name):
            index, field = self._rule.variables[name]
        else:
            kind, _, field = name.partition(".")
            index = self._rule.kinds[kind]
        fact = self._bindings[index]
        if fact is None:
            raise KeyError(name)
        value: Scalar = fact.__dict__[field]
        return value

    def __iter__(self) -> Iterator[str]:
        yield from self._rule.variables
        for kind, index in self._rule.kinds.items():
            fact = self._bindings[index]
            yield from (f"{kind}.{field}" for field in (fact.fields if fact else ()))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Given(Model):
    """One fact of an example."""

    kind: str
    fields: dict[str, Scalar]


class Example(Model):
    """Facts, and what the rule by itself makes of them."""

    name: NonEmpty
    given: tuple[Given, ...]
    fires: bool | Literal["not-assessed"]
    says: str = ""  # the exact English text of the first firing; "" is not compared


class HowToCollect(Model):
    """How to obtain one list; `{of}` in the commands stands for its owner."""

    title: Text
    kubectl: str = ""
    aliyun: str = ""
    console: Text | None = None
    permission: str = ""  # the RAM action or RBAC verb that reading it takes


# What the placeholders of a question may stand for; see knowledge/questions/cluster.yaml.
ASKED_ABOUT = frozenset(
    {
        "bucket",
        "cluster",
        "eni",
        "group",
        "host",
        "ip",
        "namespace",
        "nat",
        "nat_ip",
        "of",
        "pod",
        "pod_cidr",
        "pod_ip",
        "pod_name",
        "port",
        "protocol",
        "region",
        "table",
        "to",
        "vpc",
        "vswitch",
    }
)


class Reply(Model):
    """One thing that may be answered: what it is called, and the changes it makes to the case.

    `likely` weighs it against the other replies. `is_about_flow`: it speaks of the connection asked
    about only, so it is no reply while the name lookup, which is another flow, is undecided.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    text: Text
    likely: Annotated[int, Field(ge=1, le=9)] = 1
    patch: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]
    is_about_flow: bool = False


class TypedReply(Model):
    """A value somebody types in, `{value}` in the patch; `example` stands for it meanwhile.

    With `question` it completes that part of the question instead of changing the case.
    """

    form: Literal["address", "addresses", "cidr", "id", "ids", "port", "text"]
    example: NonEmpty
    patch: tuple[dict[str, Any], ...] = ()
    question: Literal["", "port", "source_port"] = ""


class Asking(Model):
    """How to ask a person for what a list would tell; `effort` is 1 (a look) to 3 (others).

    `paste` is what the document mostly says, to judge what asking for it is worth. With `scopes`
    it is only asked about destinations of these; else the document is asked for, as it is with
    `is_about_flow` (of all replies) while the name lookup is undecided.
    """

    ask: Text
    why: Text
    effort: Annotated[int, Field(ge=1, le=3)]
    replies: tuple[Reply, ...] = ()
    value: TypedReply | None = None
    paste: tuple[dict[str, Any], ...] = ()
    scopes: tuple[Scope, ...] = ()
    is_about_flow: bool = False


class Source(Model):
    """One entry of the bibliography."""

    title: Text
    url: str = ""
    where: str = ""  # the place of a source without an address, such as a repository path
    also: tuple[str, ...] = ()  # twins of the same page
    edition: NonEmpty
    read: Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]
    confidence: Literal["DOC", "DOCX", "DOC21", "SDK", "SRC", "3P", "GK"]


class Change(Model):
    """The exact change, once per way to make it."""

    yaml: str = ""
    kubectl: str = ""
    aliyun: str = ""
    console: Text | None = None


class Edit(Model):
    """One edit on the case that models the fix: exactly one of `add`, `set`, `remove` is set."""

    add: str = ""
    set: str = ""
    remove: str = ""
    of: str = ""
    key: str = ""
    item: dict[str, Any] = {}  # noqa: RUF012 - a model copies its defaults
    fields: dict[str, Any] = {}  # noqa: RUF012


class FixTemplate(Model):
    """A template of a remedy. Its placeholders are bound by every rule that names it.

    only_when  placeholder -> the value it must have; otherwise the fix is left out
    unless     placeholder -> the value with which the fix is left out
    """

    id: str
    title: Text
    why: Text
    risk: Literal["low", "medium", "high"]
    side_effects: Text
    cost: Text | None = None
    change: Change
    rollback: str | Text
    patch: tuple[Edit, ...] = ()
    only_when: Mapping[str, str] = {}
    unless: Mapping[str, str] = {}
    file: str


class Never(Model):
    """A kind of remedy that is refused: the texts that give it away, and why it is refused.

    See the head of `knowledge/never.yaml` for how an entry is matched.
    """

    id: NonEmpty
    channels: tuple[Channel, ...] = Field(
        default=("yaml", "kubectl", "aliyun", "console", "patch"), alias="in", min_length=1
    )
    contains: tuple[NonEmpty, ...] = ()
    one_of: tuple[NonEmpty, ...] = ()
    unless: tuple[NonEmpty, ...] = ()
    reason: Text


def list_need(index: int, pattern: Pattern) -> ListNeed | None:
    reference = KINDS[pattern.kind].from_list
    if reference is None:
        return None
    owner = pattern.test_on(reference.of) if reference.of else None
    return ListNeed(index, reference.name, owner.value if owner else "")


def holds(operator: Operator, got: Scalar, wanted: Scalar) -> bool:
    """Whether a value passes a test; only numbers are compared by size."""
    match operator:
        case "is" | "same":
            return got == wanted
        case "not":
            return got != wanted
    if not (isinstance(got, int) and isinstance(wanted, int)):
        return False
    match operator:
        case "lt":
            return got < wanted
        case "at_most":
            return got <= wanted
        case "gt":
            return got > wanted
    return got >= wanted


def is_variable(value: object) -> bool:
    """Whether a value of a rule file is a `$variable`."""
    return isinstance(value, str) and value.startswith("$")
