"""What a person tells: the replies to questions as changes on the case, and as documents.

A reply becomes a case file of its own (`told`, `unknown` or `question`), so that whoever keeps the
case keeps a list of documents and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from wayout.engine.advise.answer import NextQuestion, ReplyOption, Text
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import Diagnoser, question_of, shipped
from wayout.engine.advise.known import placeholders
from wayout.engine.advise.needs import needs_of
from wayout.engine.advise.worth import undecided
from wayout.engine.case import Case, NatGateway, Observation, Question, Record
from wayout.engine.case.alibaba import NetworkInterface, VSwitch
from wayout.engine.case.kubernetes import KubeObject, Pod
from wayout.engine.case.lists import MODELS
from wayout.engine.case.question import NAMELESS_DESTINATION, NAMELESS_POD, parse_target
from wayout.engine.errors import QuestionError
from wayout.engine.observe import View
from wayout.engine.observe.address import parse_cidr, parse_ip
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.placement import (
    ALLOCATED_ENI,
    cluster_of,
    eni_of,
    group_candidates,
    only,
    pod_ip,
    region_of,
    split_ids,
    vpc_id_of,
    vswitch_candidates,
)
from wayout.engine.rules import Asking, Knowledge
from wayout.engine.symptoms.extract import mentions_of
from wayout.engine.symptoms.text import prepare as prepared

__all__ = [
    "HANDED_OVER",
    "filled",
    "handed_over",
    "has_open_lookup",
    "is_apt",
    "keys_of",
    "known_values",
    "opening",
    "replies_as_case_file",
    "reply",
    "reply_document",
    "reply_id",
    "scope_of",
    "too_early",
    "typed",
    "with_part",
]

# Stand for the ids of the interface and its route table while nobody tells them.
UNNAMED_ENI, UNNAMED_TABLE = "eni-unnamed", "vtb-unnamed"
POD, DESTINATION = "question/pod", "question/destination"
UNKNOWN: Literal["unknown"] = "unknown"
HANDED_OVER = "#document"  # ends the id of a question that was replied to with a document
MOST_OFFERED = 6
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
Document = dict[str, Any]


def reply(case: Case, question_id: str, value: Any, question: Question | None = None) -> Case:
    """The case after a reply to the question with this id, as `assess` asked it.

    `value` is the id of one of its replies, what it asked to type in, "unknown" for "don't know",
    or a document (a mapping, or a list of them) that tells. Raises QuestionError for a question
    that is not open or a value it does not take, InputError for a document that cannot be read.
    """
    asked = question or case.question
    if question_id in (POD, DESTINATION):
        return Case.load(case, question=stated(asked, question_id, value))
    return Case.load(case, reply_document(case, question_id, value, question), question=asked)


def reply_document(
    case: Case, question_id: str, value: Any, question: Question | None = None
) -> Document:
    """The same reply as a document to keep beside the others. Raises QuestionError."""
    if isinstance(value, (Mapping, list, tuple)) and question_id not in (POD, DESTINATION):
        given = [value] if isinstance(value, Mapping) else list(value)
        return {**handed_over(question_id), "documents": [named(question_id, d) for d in given]}
    return Teller(shipped()).document(case, question_id, value, question)


def handed_over(question_id: str) -> Document:
    """Notes that documents were the reply to a question, to keep beside them."""
    return {"apiVersion": "wayout/v1", "kind": "Case", "asked": [f"{question_id}{HANDED_OVER}"]}


def named(question_id: str, document: Any) -> Any:
    """An empty List does not say of what it is one; as a reply it is one of what was asked for."""
    name, _, of = question_id.partition("/")
    name = name.partition("@")[0]
    model = MODELS.get(name)
    is_list = isinstance(document, Mapping) and document.get("kind") == "List"
    if not is_list or document.get("items") or model is None or not issubclass(model, KubeObject):
        return document
    where = f"-n {of}" if of else "-A"
    command = f"kubectl get {name.replace('_', '')} {where} -o yaml"
    return {"action": command, "response": document}


def replies_as_case_file(documents: Sequence[Mapping[str, Any]], question: Question | None) -> str:
    """Replies as one case file (YAML), to be read beside the other documents."""
    import yaml  # only who saves a consultation needs it

    made: dict[str, Any] = {"apiVersion": "wayout/v1", "kind": "Case"}
    if question is not None and is_named(question):
        made["question"] = question_part(question)
    for part in ("asked", "unknown", "told"):
        if found := [entry for document in documents for entry in document.get(part, ())]:
            made[part] = found
    return yaml.safe_dump(made, allow_unicode=True, sort_keys=False)


class Teller:
    """Turns replies into documents with the questions of one knowledge base."""

    def __init__(self, diagnoser: Diagnoser) -> None:
        self.diagnoser = diagnoser

    def document(
        self, case: Case, question_id: str, value: Any, question: Question | None
    ) -> Document:
        """As `reply_document`."""
        head: Document = {"apiVersion": "wayout/v1", "kind": "Case"}
        if question_id in (POD, DESTINATION):
            asked = stated(question or case.question, question_id, value)
            return {**head, "question": question_part(asked)}
        asked = question_of(case, question)
        observed, inferred = self.diagnoser.infer(case, asked)
        found = Conclusions(inferred)
        scope, known = scope_of(observed.view), self.diagnoser.knowledge
        is_lookup_open = has_open_lookup(found)
        lacking = needs_of((e.conclusion for e in found.all), found.not_assessed, known, {})
        open_now = {
            reply_id(key, need.of): (key, need)
            for need in lacking
            for key in (need.name, *keys_of(known, need.name, need.gates, scope, is_lookup_open))
        }
        if question_id not in open_now:
            raise QuestionError(f"There is no open question {shown(question_id)}.")
        key, need = open_now[question_id]
        head["asked"] = [question_id]
        if value == UNKNOWN:
            # Another gate may ask for something else that the same list would tell.
            is_all = not any(k.startswith(f"{need.name}@") for k in known.questions)
            return {**head, **({"unknown": [reply_id(need.name, need.of)]} if is_all else {})}
        asking = known.questions.get(key)
        if asking is None:
            raise QuestionError(f"The question {shown(question_id)} takes a document or unknown.")
        if asking.value is not None and asking.value.question:
            said = with_part(asked, asking.value.question, typed(asking, value))
            return {**head, "question": question_part(said)}
        values = {**known_values(observed.view), "of": need.of}
        chosen = next((option for option in asking.replies if option.id == value), None)
        if is_lookup_open and (asking.is_about_flow or (chosen and chosen.is_about_flow)):
            raise QuestionError(
                f"The reply {shown(str(value))} tells of one connection only, and the name lookup "
                "depends on the same: give the document."
            )
        return {**head, "told": changes(asking, question_id, value, values)}


def changes(
    asking: Asking, question_id: str, value: Any, values: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What the reply changes on the case; raises QuestionError."""
    chosen = next((option for option in asking.replies if option.id == value), None)
    if chosen is not None:
        patch = filled(chosen.patch, values)
    elif asking.value is not None:
        patch = filled(asking.value.patch, {**values, "value": typed(asking, value)})
    else:
        ids = ", ".join([*(option.id for option in asking.replies), UNKNOWN])
        raise QuestionError(f"The question {shown(question_id)} takes one of {ids}.")
    if patch is None:
        raise QuestionError(f"The reply {shown(str(value))} does not fit what is known so far.")
    made: list[dict[str, Any]] = patch
    return made


def typed(asking: Asking, value: Any) -> Any:
    """The value that somebody typed in, in its form; raises QuestionError."""
    form = asking.value.form if asking.value is not None else "text"
    text = value if isinstance(value, str) else str(value)
    parts = split_ids(text)
    match form:
        case "address" if parse_ip(text) is not None:
            return text.strip()
        case "addresses" if parts and all(parse_ip(part) is not None for part in parts):
            return list(parts)
        case "cidr" if "/" in text and parse_cidr(text) is not None:
            return text.strip()
        case "id" if re.fullmatch(r"[a-z]+-[a-z0-9-]+", text.strip()):
            return text.strip()
        case "ids" if parts and all(re.fullmatch(r"[a-z]+-[a-z0-9-]+", part) for part in parts):
            return list(parts)
        case "port" if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536:
            return text
        case "text" if text.strip():
            return text
    wanted = {
        "address": "an IP address",
        "addresses": "IP addresses divided by commas",
        "cidr": "a CIDR block such as 10.0.0.0/16",
        "id": "an id such as vsw-bp1abc",
        "ids": "ids divided by commas",
        "port": "a port number",
        "text": "some text",
    }[form]
    raise QuestionError(f"{shown(text)} is not {wanted}.")


def shown(text: str) -> str:
    return f'"{"".join(c if c.isprintable() else "?" for c in text[:80])}"'


# ── The question itself ──────────────────────────────────────────────────────────────────────


def opening(question: Question, case: Case) -> NextQuestion | None:
    """What has to be known before anything can be judged: the destination, then the pod.

    On offer are the hosts that error texts of the case name, and the pods that documents describe.
    """
    if question.destination == NAMELESS_DESTINATION:
        return NextQuestion(
            id=DESTINATION,
            text=Text(
                en="What is the pod trying to reach (host name, address, URL or resource id, "
                "with the port)?",
                zh="Pod 要访问的目标是什么（域名、IP、URL 或资源 ID，以及端口）？",
            ),
            why=Text(en="Everything depends on the destination.", zh="后续判断都取决于目标。"),
            replies=tuple(
                offered(name, "the error text names it", "报错中提到")
                for name in dialled_in_errors(case)[:MOST_OFFERED]
            ),
            value_form="text",
        )
    if question.pod == NAMELESS_POD:
        pods = [record.value.key for record in case.listing(Pod).records]
        own = [key for key in pods if not key.startswith("kube-system/")]
        return NextQuestion(
            id=POD,
            text=Text(en="Which pod is it (namespace/name)?", zh="是哪个 Pod（命名空间/名称）？"),
            why=Text(
                en="Policies, security groups and exits are those of the pod.",
                zh="网络策略、安全组和公网出口都取决于具体的 Pod。",
            ),
            replies=tuple(offered(key, "the documents describe it", "文档中有描述") for key in own)
            if len(own) <= MOST_OFFERED
            else (),
            value_form="text",
        )
    return None


def offered(name: str, en: str, zh: str) -> ReplyOption:
    """A name on offer as it would be typed in, with where it comes from."""
    return ReplyOption(
        id=name,
        text=Text(en=f"{name} ({en})", zh=f"{name}（{zh}）"),
        effect=Text(en="Then the path can be judged.", zh="则可以开始判断路径。"),
        verdict_after=UNKNOWN,
    )


def dialled_in_errors(case: Case) -> list[str]:
    """What clients tried to reach, as the error texts of the case name it."""
    found: dict[str, None] = {}
    for record in case.listing(Observation).records:
        if record.value.what == "error_text":
            mentions = mentions_of(prepared(record.value.text))
            found |= dict.fromkeys(str(endpoint) for endpoint in mentions.dialled)
            found |= dict.fromkeys(
                name for name in mentions.looked_up if not any(name in one for one in found)
            )
    return [name for name in found if is_destination(name)]


def is_destination(text: str) -> bool:
    try:
        parse_target(text)
    except QuestionError:
        return False
    return True


def is_named(question: Question) -> bool:
    """Whether somebody has said both what is to be reached and by which pod."""
    return question.destination != NAMELESS_DESTINATION and question.pod != NAMELESS_POD


def too_early(question: Question) -> Text:
    """The summary while pod or destination have not been named."""
    if question.destination != NAMELESS_DESTINATION:
        return Text(
            en="Nothing can be judged yet: nobody has said which pod it is.",
            zh="暂时无法判断：尚未说明是哪个 Pod。",
        )
    return Text(
        en="Nothing can be judged yet: nobody has said what is to be reached.",
        zh="暂时无法判断：尚未说明要访问的目标。",
    )


def stated(asked: Question | None, question_id: str, value: Any) -> Question:
    """The question with its pod or destination filled in; raises QuestionError."""
    known = {
        "pod": asked.pod if asked else NAMELESS_POD,
        "destination": asked.destination if asked else NAMELESS_DESTINATION,
        "protocol": asked.protocol if asked else "tcp",
        "port": asked.port if asked else None,
    }
    if not isinstance(value, str):
        raise QuestionError("The reply to this question is text.")
    if value == UNKNOWN:
        raise QuestionError("Without a pod and a destination nothing can be judged.")
    field = "pod" if question_id == POD else "destination"
    return Question.model_validate({**known, field: value})


def question_part(question: Question) -> Document:
    """The question as a case file has it."""
    said = question.model_dump(exclude_none=True)
    return {"pod": said.pop("pod"), "to": said.pop("destination"), **said}


def with_part(question: Question, part: str, value: Any) -> Question:
    """The question with a part that it left open; raises QuestionError."""
    return Question.model_validate({**question.model_dump(), part: value})


# ── What questions and changes are filled with ───────────────────────────────────────────────


def keys_of(
    knowledge: Knowledge, name: str, gates: Collection[str], scope: str, is_lookup_open: bool
) -> tuple[str, ...]:
    """The keys of the questions about a list, one per gate that waits for it, each once.

    A gate may ask for something of its own (`list@gate`), where the destination is of a scope that
    this is for; the others ask what all ask.
    """
    own = (
        key if is_apt(knowledge.questions.get(key), scope, is_lookup_open) else name
        for key in (f"{name}@{gate}" for gate in gates)
    )
    return tuple(dict.fromkeys(own))


def is_apt(asking: Asking | None, scope: str, is_lookup_open: bool = False) -> bool:
    """Whether a question suits a destination of this scope, and what is known of its name."""
    if asking is None or (asking.is_about_flow and is_lookup_open):
        return False
    return not asking.scopes or scope in asking.scopes


def has_open_lookup(found: Conclusions) -> bool:
    """Whether the name lookup is undecided.

    It is a flow of its own and passes the same filters, of which a reply about one connection
    tells nothing.
    """
    return "dns" in undecided(found)


def scope_of(view: View) -> str:
    """Where the destination is; "" while nothing tells."""
    return view.flows[0].scope if view.flows else ""


def reply_id(name: str, of: str) -> str:
    return f"{name}/{of}" if of else name


def known_values(view: View) -> dict[str, str]:
    """Placeholder -> what stands for it; what the case does not tell is not there."""
    case, question = view.case, view.question
    record, eni = view.pod_record, eni_of(view)
    vswitches = vswitch_candidates(view)
    vswitch = case.get(VSwitch, vswitches[0].vswitch) if vswitches else None
    table = vswitch.value.route_table_id if vswitch is not None else ""
    groups = group_candidates(view)
    cluster = cluster_of(case)
    flow = view.flows[0] if view.flows else None
    nat = only(case.listing(NatGateway).records)
    namespace, _, name = view.pod.rpartition("/")
    found = {
        "pod": view.pod,
        "namespace": namespace,
        "pod_name": name,
        "pod_ip": pod_ip(record.value) if record is not None else "",
        "vswitch": vswitches[0].vswitch if vswitches else "",
        "pod_cidr": (vswitch.value.cidr_block or "") if vswitch is not None else "",
        "eni": eni_id(view, eni),
        "table": table or UNNAMED_TABLE,
        "vpc": vpc_id_of(case, record, eni),
        "group": groups[0].groups[0] if groups and groups[0].groups else "",
        "cluster": cluster.value.cluster_id if cluster is not None else "",
        "region": region_of(case, record)[0],
        "to": question.target.text,
        "bucket": placeholders(case, question).get("bucket", ""),
        "host": looked_up(view),
        "ip": flow.ip if flow is not None else "",
        "port": str(flow.port) if flow is not None and flow.port else "",
        "protocol": question.protocol,
        "nat": nat.value.nat_gateway_id if nat is not None else "",
        "nat_ip": nat_address(nat.value) if nat is not None else "",
    }
    return {key: value for key, value in found.items() if value}


def looked_up(view: View) -> str:
    """The name whose addresses count; "" for an id.

    Also for a bucket while it depends on the region of the pod which of its endpoints is meant.
    """
    destination = plan_of(view).destination
    is_open = view.question.target.scheme == "oss" and (
        "." not in destination.name or not region_of(view.case, view.pod_record)[0]
    )
    return "" if destination.form == "resource" or is_open else destination.name


def eni_id(view: View, eni: Record[NetworkInterface] | None) -> str:
    """The ENI of the pod, or the id ACS noted on the pod; an unnamed one when neither is known."""
    if eni is not None:
        return eni.value.key
    record = view.pod_record
    noted = record.value.metadata.annotations.get(ALLOCATED_ENI, "") if record is not None else ""
    return noted.strip() or UNNAMED_ENI


def nat_address(gateway: NatGateway) -> str:
    """Its only address; with several, an SNAT entry may use any of them."""
    addresses = {ip.ip_address for ip in gateway.ips or ()}
    return addresses.pop() or "" if len(addresses) == 1 else ""


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A text or structure with its placeholders replaced; None when one has no value."""
    if isinstance(value, str):
        whole = PLACEHOLDER.fullmatch(value)
        if whole is not None:
            return values.get(whole[1]) or None
        names = PLACEHOLDER.findall(value)
        if any(not values.get(name) for name in names):
            return None
        return PLACEHOLDER.sub(lambda match: str(values[match[1]]), value)
    if isinstance(value, Mapping):
        made = {key: filled(part, values) for key, part in value.items()}
        return None if any(missing(value[k], made[k]) for k in made) else made
    if isinstance(value, (list, tuple)):
        parts = [filled(part, values) for part in value]
        return None if any(map(missing, value, parts)) else parts
    return value


def missing(before: Any, after: Any) -> bool:
    return after is None and before is not None
