"""Every fault of a knowledge file ends in one sentence that names file and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rules.folder import INFERS, RULE, Files, files, spoiled, write
from wayout.engine.advise.workshop import check_rules
from wayout.engine.errors import RuleError
from wayout.engine.inference import check_examples
from wayout.engine.rules import load_knowledge, read_knowledge

MAIN = "rules/policy/nothing-listed.yaml"
JUICE = "rules/policy/juice.yaml"
FIX = "fixes/add-entry.yaml"


def put(file: str, *path: str | int, to: Any) -> Callable[[Files], None]:
    """A change that sets one value; `to=...` removes it."""

    def change(content: Files) -> None:
        part: Any = content
        steps = (file, *path)
        for step in steps[:-1]:
            part = part[step]
        if to is ...:
            del part[steps[-1]]
        else:
            part[steps[-1]] = to

    return change


def condition(number: int, to: Any) -> Callable[[Files], None]:
    return put(MAIN, "when", number, to=to)


def text(english: str, chinese: str) -> Callable[[Files], None]:
    return put(MAIN, "says", to={"en": english, "zh": chinese})


def rule(file: str, **body: Any) -> Callable[[Files], None]:
    """A change that adds a rule that infers."""

    def change(content: Files) -> None:
        content[file] = INFERS | body

    return change


def together(*changes: Callable[[Files], None]) -> Callable[[Files], None]:
    def change(content: Files) -> None:
        for one in changes:
            one(content)

    return change


REFUSED: dict[str, tuple[Callable[[Files], None], str]] = {
    # form
    "not YAML": (put(MAIN, to="when: ["), f"{MAIN}: line 2: did not find"),
    "key twice": (
        put(MAIN, to="id: A\nid: B"),
        f"{MAIN}: line 2: the key 'id' stands there twice.",
    ),
    "no mapping": (put(MAIN, to="- 1"), f"{MAIN}: must be a mapping"),
    "empty file": (put(MAIN, to=""), f"{MAIN}: must be a mapping"),
    "unknown field": (
        put(MAIN, "sayz", to="x"),
        f"{MAIN}: unknown field 'sayz'; did you mean 'says'?",
    ),
    "missing field": (put(MAIN, "sources", to=...), f"{MAIN}: sources: is missing."),
    "no source": (put(MAIN, "sources", to=[]), f"{MAIN}: sources: "),
    "field of the loader": (put(MAIN, "file", to="x"), f"{MAIN}: unknown field 'file'"),
    "unknown gate": (
        put(MAIN, "gate", to="polcy"),
        f"{MAIN}: gate: unknown gate; did you mean 'policy'?",
    ),
    "wrong folder": (
        lambda c: c.update({"rules/route/x.yaml": RULE | {"id": "POL-009"}}),
        "rules/route/x.yaml: gate: the file belongs into the folder policy, not route.",
    ),
    "wrong prefix": (
        put(MAIN, "id", to="NAT-001"),
        f"{MAIN}: id: 'NAT-001' must be POL- and three",
    ),
    "short id": (put(MAIN, "id", to="POL-1"), f"{MAIN}: id: "),
    "number as text": (put(MAIN, "title", "en", to=5), f"{MAIN}: title.en: must be text, not 5."),
    "unknown certainty": (
        put(MAIN, "certainty", to="posible"),
        f"{MAIN}: certainty: 'posible'; did you mean 'possible'?",
    ),
    "no result": (put(MAIN, "concludes", to=...), f"{MAIN}: a rule has either `concludes` or"),
    "two results": (
        put(MAIN, "infers", to={"juice": {}}),
        f"{MAIN}: a rule has either `concludes` or",
    ),
    "unknown status": (
        put(MAIN, "concludes", "status", to="block"),
        f"{MAIN}: concludes.status: 'block'; did you mean 'blocks'?",
    ),
    "no condition": (put(MAIN, "when", to=[]), f"{MAIN}: when: must be a list that is not empty."),
    # conditions
    "unknown kind": (
        condition(1, {"aple": {}}),
        f"{MAIN}: when[1]: unknown kind 'aple'; did you mean 'apple'?",
    ),
    "misspelt none": (condition(2, {"non": {"entry": {}}}), "did you mean 'none'?"),
    "two kinds": (condition(1, {"apple": {}, "banana": {}}), "when[1]: must name exactly one kind"),
    "none and kind": (condition(1, {"none": {"entry": {}}, "apple": {}}), "exactly one kind"),
    "unknown fact field": (
        condition(1, {"apple": {"ovner": "o"}}),
        f"{MAIN}: when[1].apple.ovner: apple has no field 'ovner'; did you mean 'owner'?",
    ),
    "unknown operator": (
        condition(1, {"apple": {"number": {"atleast": 3}}}),
        f"{MAIN}: when[1].apple.number: unknown operator 'atleast'; did you mean 'at_least'?",
    ),
    "no operator": (condition(1, {"apple": {"number": {}}}), "a test needs a value."),
    "list of values": (
        condition(1, {"apple": {"number": [1, 2]}}),
        "[1, 2] is not a whole number.",
    ),
    "null": (condition(1, {"apple": {"number": None}}), "None is not a whole number."),
    "text for number": (condition(1, {"apple": {"number": "3"}}), "'3' is not a whole number."),
    "bool for number": (condition(1, {"apple": {"number": True}}), "True is not a whole number."),
    "number for bool": (condition(1, {"apple": {"is_set": 1}}), "1 is not true or false."),
    "yes for bool": (
        lambda c: c.update({JUICE: "id: POL-002\ninfers: {}\nwhen: [{apple: {is_set: yes}}]"}),
        f"{JUICE}: when[0].apple.is_set: 'yes' is not true or false.",
    ),
    "float for number": (condition(1, {"apple": {"number": 1.5}}), "'1.5' is not a whole number."),
    "unknown value": (
        condition(1, {"apple": {"colour": "gren"}}),
        f"{MAIN}: when[1].apple.colour: 'gren' is none of its values; did you mean 'green'?",
    ),
    "unknown value under operator": (
        condition(1, {"apple": {"colour": {"not": "gren"}}}),
        "when[1].apple.colour.not: 'gren' is none of its values; did you mean 'green'?",
    ),
    "order of texts": (
        condition(1, {"apple": {"owner": {"lt": "x"}}}),
        f"{MAIN}: when[1].apple.owner.lt: only whole numbers have an order; this is text.",
    ),
    "order of booleans": (condition(1, {"apple": {"is_set": {"gt": False}}}), "have an order"),
    # variables
    "variable under operator": (
        condition(1, {"apple": {"number": {"lt": "$n"}}}),
        f"{MAIN}: when[1].apple.number.lt: variables can only be equal; a constant is needed.",
    ),
    "malformed variable": (condition(1, {"apple": {"owner": "$Owner"}}), "'$Owner' is no variable"),
    "unbound in none": (
        condition(2, {"none": {"entry": {"owner": "$owner", "text": "$tex"}}}),
        f"{MAIN}: when[2].entry.text: $tex is not bound by a condition before this `none`.",
    ),
    "bound only later": (
        together(
            condition(1, {"none": {"entry": {"owner": "$owner"}}}),
            condition(2, {"apple": {"owner": "$owner"}}),
        ),
        f"{MAIN}: when[1].entry.owner: $owner is not bound by a condition before this `none`.",
    ),
    "different types": (
        condition(1, {"apple": {"owner": "$owner", "number": "$pod"}}),
        f"{MAIN}: when[1].apple.number: $pod is text in flow.pod and cannot equal a whole number.",
    ),
    "bool joined with number": (
        condition(1, {"apple": {"owner": "$owner", "number": "$n", "is_set": "$n"}}),
        "$n is a whole number in apple.number and cannot equal true or false.",
    ),
    "only none": (
        put(JUICE, "when", to=[{"none": {"banana": {}}}]),
        f"{JUICE}: when: needs a condition that is not `none`.",
    ),
    "unbound subject": (
        put(MAIN, "concludes", "subject", to="$onwer"),
        f"{MAIN}: concludes.subject: $onwer is not bound; did you mean '$owner'?",
    ),
    "number as subject": (
        together(
            condition(1, {"apple": {"owner": "$owner", "number": "$n"}}),
            put(MAIN, "concludes", "subject", to="$n"),
        ),
        f"{MAIN}: concludes.subject: $n comes from apple.number, whose values subject",
    ),
    "template as subject": (put(MAIN, "concludes", "subject", to="{$owner}"), "no placeholder"),
    # the main flow
    "no flow": (
        together(condition(0, {"apple": {"text": "$pod", "owner": "$x"}}), text("T.", "文。")),
        f"{MAIN}: when: a rule that concludes needs exactly one `flow` pattern",
    ),
    "two flows": (condition(1, {"flow": {"pod": "$pod"}}), "(there are 2); mark others"),
    "only a lookup": (condition(0, {"flow": {"role": "lookup"}}), "(there is none)"),
    "variable role": (
        condition(0, {"flow": {"role": "$role"}}),
        f"{MAIN}: when[0].flow.role: say `main` or `lookup`, or leave it out.",
    ),
    # lists
    "owner of a list not tested": (
        condition(2, {"none": {"entry": {"text": "x"}}}),
        f"{MAIN}: when[2].none.entry: must say whose list entries it means: give owner a variable",
    ),
    "owner of a list excluded": (
        condition(2, {"none": {"entry": {"owner": {"not": "x"}}}}),
        "must say whose list entries it means",
    ),
    "list in verdict": (
        rule(
            "rules/verdict/x.yaml",
            id="VER-900",
            gate="verdict",
            when=[{"apple": {}}, {"none": {"member": {}}}],
            infers={"juice": {}},
        ),
        "rules/verdict/x.yaml: when[1].none.member: the verdict cannot depend on a list",
    ),
    # results
    "infers a measured kind": (
        put(JUICE, "infers", to={"apple": {}}),
        f"{JUICE}: infers: apple is no kind that a rule may infer.",
    ),
    "infers a conclusion": (
        put(JUICE, "infers", to={"conclusion": {"flow": "x", "gate": "pod", "status": "passes"}}),
        f"{JUICE}: infers: conclusion is no kind that a rule may infer.",
    ),
    "infers without key field": (
        put(JUICE, "infers", to={"barrier": {"flow": "$t"}}),
        f"{JUICE}: infers.barrier: needs gate.",
    ),
    "infers a wrong value": (
        put(JUICE, "infers", to={"barrier": {"flow": "$t", "gate": "polisy"}}),
        f"{JUICE}: infers.barrier.gate: 'polisy' is none of its values; did you mean 'policy'?",
    ),
    "infers any text where few are allowed": (
        put(JUICE, "infers", to={"barrier": {"flow": "$t", "gate": "$t"}}),
        f"{JUICE}: infers.barrier.gate: $t comes from apple.text, whose values gate",
    ),
    "verdict concludes": (
        lambda c: c.update({"rules/verdict/x.yaml": RULE | {"id": "VER-001", "gate": "verdict"}}),
        "rules/verdict/x.yaml: ",
    ),
    "blocks without fix": (
        put(MAIN, "fixes", to=[]),
        f"{MAIN}: fixes: a rule that concludes blocks must name at least one fix.",
    ),
    "about without info": (
        put(MAIN, "about", to="POL-002"),
        f"{MAIN}: about: only a rule that concludes info can be about another one.",
    ),
    "about nobody": (
        together(put(MAIN, "about", to="POL-020"), put(MAIN, "concludes", to={"status": "info"})),
        f"{MAIN}: about: unknown rule 'POL-020'; did you mean",
    ),
    # texts
    "no says": (put(MAIN, "says", to=...), f"{MAIN}: says: is missing"),
    "one language": (put(MAIN, "says", "zh", to=...), f"{MAIN}: says.zh: is missing."),
    "no full stop": (text("Text", "文。"), f"{MAIN}: says.en: must end with '.'."),
    "latin full stop": (text("Text.", "文."), f"{MAIN}: says.zh: must end with '。'."),
    "parity": (
        text("{$pod} and {$owner}.", "{$pod}。"),
        f"{MAIN}: says: en and zh must have the same placeholders; only one has {{$owner}}.",
    ),
    "unbound placeholder": (
        text("{$pot}.", "{$pot}。"),
        f"{MAIN}: says: {{$pot}} is not bound; did you mean '$pod'?",
    ),
    "placeholder of no condition": (
        text("{aple.text}.", "{aple.text}。"),
        f"{MAIN}: says: {{aple.text}}: aple is no condition; did you mean 'apple'?",
    ),
    "placeholder of a none": (
        text("{entry.text}.", "{entry.text}。"),
        f"{MAIN}: says: {{entry.text}}: entry is no condition",
    ),
    "placeholder of no field": (
        text("{apple.txt}.", "{apple.txt}。"),
        "apple has no field 'txt'; did you mean 'text'?",
    ),
    "placeholder of a kind that occurs twice": (
        put(
            JUICE,
            to=INFERS
            | {
                "when": [{"apple": {"text": "$t"}}, {"apple": {"owner": "$t"}}],
                "says": {"en": "{apple.text}.", "zh": "{apple.text}。"},
            },
        ),
        f"{JUICE}: says: {{apple.text}}: apple occurs more than once; use a variable.",
    ),
    "attribute lookup": (text("{$pod.__class__}.", "{$pod.__class__}。"), "has braces that are no"),
    "format spec": (text("{$pod!r}.", "{$pod!r}。"), f"{MAIN}: says.en: has braces that are no"),
    "placeholder in title": (
        put(MAIN, "title", "en", to="Pod {$pod}"),
        f"{MAIN}: title: takes no placeholder.",
    ),
    # examples
    "no examples": (put(MAIN, "examples", to=...), f"{MAIN}: examples: must be a list"),
    "no silent example": (
        put(JUICE, "examples", to=[INFERS["examples"][0]]),
        f"{JUICE}: examples: one must fire and one must stay silent.",
    ),
    "no firing example": (
        put(JUICE, "examples", to=[INFERS["examples"][1]]),
        f"{JUICE}: examples: one must fire and one must stay silent.",
    ),
    "example without name": (
        put(MAIN, "examples", 0, "name", to=...),
        "examples[0].name: is missing.",
    ),
    "same name twice": (
        put(MAIN, "examples", 1, "name", to="nothing listed"),
        f"{MAIN}: examples: two have the same name.",
    ),
    "wrong outcome": (
        put(MAIN, "examples", 0, "fires", to="maybe"),
        f"{MAIN}: examples[0].fires: ",
    ),
    "not assessed without list": (
        put(
            JUICE,
            "examples",
            to=[
                *INFERS["examples"],
                {"name": "x", "given": [{"jam": {}}], "fires": "not-assessed"},
            ],
        ),
        "the rule needs no list.",
    ),
    "example with unknown field": (
        put(MAIN, "examples", 0, "given", 1, to={"apple": {"ovner": "o"}}),
        f"{MAIN}: examples[0].given[1].apple: unknown field 'ovner'; did you mean 'owner'?",
    ),
    "example with wrong type": (
        put(MAIN, "examples", 0, "given", 1, to={"apple": {"number": "3"}}),
        f"{MAIN}: examples[0].given[1].apple.number: '3' is not a whole number.",
    ),
    "example without key field": (
        put(MAIN, "examples", 0, "given", 0, to={"flow": {"flow": "main"}}),
        f"{MAIN}: examples[0].given[0].flow: needs pod.",
    ),
    "variable in an example": (
        put(MAIN, "examples", 0, "given", 1, to={"apple": {"owner": "$o"}}),
        "$o is no value.",
    ),
    # between files
    "same id": (put(JUICE, "id", to="POL-001"), "id: POL-001 is taken by "),
    "unknown fix": (
        put(MAIN, "fixes", to=["ad-entry"]),
        f"{MAIN}: fixes: unknown fix 'ad-entry'; did you mean 'add-entry'?",
    ),
    "unknown source": (put(MAIN, "sources", to=["GX"]), f"{MAIN}: sources: unknown source 'GX'"),
    "fix needs what the rule does not bind": (
        put(FIX, "rollback", to="undo {$gateway}"),
        f"{MAIN}: fixes: add-entry uses {{$gateway}} is not bound",
    ),
    "negation of itself": (
        put(JUICE, "when", to=[{"apple": {"text": "$t"}}, {"none": {"juice": {}}}]),
        f"{JUICE}: when: juice depends on its own absence (none juice -> juice)",
    ),
    "negation in a circle": (
        together(
            put(JUICE, "when", to=[{"apple": {"text": "$t"}}, {"none": {"jelly": {}}}]),
            rule("rules/policy/jam.yaml", id="POL-003", when=[{"juice": {}}], infers={"jam": {}}),
            rule("rules/policy/jelly.yaml", id="POL-004", when=[{"jam": {}}], infers={"jelly": {}}),
        ),
        "(none jelly -> juice -> jam -> jelly)",
    ),
    "conclusion without conclusion": (
        condition(1, {"none": {"conclusion": {}}}),
        f"{MAIN}: ",
    ),
    "kind of a later gate": (
        together(
            put(JUICE, "when", to=[{"apple": {"text": "$t"}}, {"jam": {}}]),
            rule(
                "rules/route/jam.yaml",
                id="RTE-001",
                gate="route",
                when=[{"apple": {}}],
                infers={"jam": {}},
            ),
        ),
        f"{JUICE}: when[1]: jam is only inferred later, by the gate route.",
    ),
    # fixes
    "fix without change": (
        put(FIX, "change", to={"console": {"en": "Click.", "zh": "点击。"}}),
        f"{FIX}: change: needs at least one of yaml, kubectl, aliyun.",
    ),
    "unknown risk": (put(FIX, "risk", to="lo"), f"{FIX}: risk: 'lo'; did you mean 'low'?"),
    "open quote": (put(FIX, "change", "aliyun", to="x '{$owner}"), "a quote that is not closed."),
    "placeholder in a comment": (
        put(FIX, "change", "aliyun", to="x # {$owner}"),
        f"{FIX}: change.aliyun: a placeholder in a comment cannot be quoted.",
    ),
    "here-document": (put(FIX, "rollback", to="cat <<EOF\n{$owner}\nEOF"), "here-documents"),
    "placeholder inside a YAML word": (
        put(FIX, "change", "yaml", to="text: allow to {$owner} only"),
        f"{FIX}: change.yaml: {{$owner}} must be a whole value",
    ),
    "two edits in one": (
        put(FIX, "patch", 0, to={"add": "entries", "set": "entries", "item": {"x": 1}}),
        f"{FIX}: patch[0]: must have exactly one of add, set, remove.",
    ),
    "edit without key": (put(FIX, "patch", 0, to={"remove": "entries"}), "need the key"),
    "fix with different placeholders": (
        put(FIX, "why", to={"en": "{$owner}.", "zh": "无。"}),
        f"{FIX}: why: en and zh must have the same placeholders",
    ),
    "fix without full stop": (put(FIX, "why", "en", to="No"), f"{FIX}: why.en: must end with"),
    # sources
    "unknown confidence": (
        put("sources.yaml", "GK", "confidence", to="DOCC"),
        "sources.yaml: GK.confidence: 'DOCC'; did you mean 'DOC'?",
    ),
    "date in another form": (
        put("sources.yaml", "GK", "read", to="November 2026"),
        "sources.yaml: GK.read: 'November 2026' does not have the form",
    ),
}


@pytest.mark.parametrize(("change", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_fault_is_named(tmp_path: Path, change: Callable[[Files], None], expected: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_knowledge(spoiled(tmp_path, change))
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message


def test_the_folder_is_valid_before_it_is_spoiled(tmp_path: Path) -> None:
    knowledge = load_knowledge(write(tmp_path, files()))
    assert [rule.id for rule in knowledge.rules] == ["POL-001", "POL-002"]
    assert list(check_examples(knowledge, knowledge.rules)) == []


def test_what_is_usable_stays_usable_beside_a_fault(tmp_path: Path) -> None:
    root = spoiled(tmp_path, put(MAIN, "gate", to="polcy"))
    knowledge, errors = read_knowledge(root)
    assert [rule.id for rule in knowledge.rules] == ["POL-002"]
    assert len(errors) == 1


def test_all_faults_are_counted(tmp_path: Path) -> None:
    root = spoiled(tmp_path, together(put(MAIN, "gate", to="x"), put(JUICE, "id", to="y")))
    with pytest.raises(RuleError, match="1 more fault"):
        load_knowledge(root)


@pytest.mark.parametrize(
    ("number", "field", "value", "expected"),
    [
        (1, "fires", True, "one listed: expected fires, but the rule stays silent."),
        (0, "says", "Other.", "expected the text 'Other.', but it is 'Pod shop/api-0 finds"),
        (2, "fires", True, "the rule is not assessed (not_assessed(flow=main, gate=policy"),
        (2, "fires", False, "expected stays silent, but the rule is not assessed"),
        (1, "fires", "not-assessed", "expected is not assessed, but the rule stays silent."),
    ],
)
def test_an_example_that_does_not_hold_is_told(
    tmp_path: Path, number: int, field: str, value: object, expected: str
) -> None:
    spare = INFERS["examples"][1] | {"name": "spare"}

    def change(content: Files) -> None:
        content[MAIN]["examples"].append(spare)
        content[MAIN]["examples"][number][field] = value

    knowledge = load_knowledge(spoiled(tmp_path, change))
    problems = list(check_examples(knowledge, knowledge.rules))
    assert len(problems) == 1
    assert problems[0].startswith(f"{MAIN}: ")
    assert expected in problems[0]


@pytest.mark.parametrize("part", [MAIN, JUICE])
def test_an_id_used_twice_is_said_of_both_files(tmp_path: Path, part: str) -> None:
    """Whichever of them is the new one, checking it alone tells."""
    changed = files()
    changed[JUICE]["id"] = changed[MAIN]["id"]
    root = write(tmp_path / "knowledge", changed)
    faults = check_rules(root / part).faults
    assert [fault for fault in faults if f"{part}: id: POL-001 is taken by" in fault]
