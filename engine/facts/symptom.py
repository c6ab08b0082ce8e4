"""Facts of error texts: which symptoms they show, about which flow, and what they prove."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.common import GateName

__all__ = [
    "DENIALS",
    "ClientExplained",
    "Decision",
    "Symptom",
    "SymptomClient",
    "SymptomProof",
    "SymptomsOmitted",
    "TextProof",
    "UnreadText",
]

# A verdict that the server itself put into words; what it means is said by rules.
Decision = Literal[
    "",
    "lookup-failed",  # the client got no address for the name
    "lookup-interrupted",  # it got none for now
    "whitelist",  # the whitelist of a cloud product lacks the client
    "allow-list",  # that of a third party does
    "bucket-policy",
    "endpoint-policy",  # of the gateway endpoint in the VPC of the client
    "other-endpoint",  # the bucket answers at another endpoint
    "public-endpoint",  # the account may not use the public endpoint
    "permission-group",  # the permission group of a file system lacks the client
]

# Those by which the other end turns the client away.
DENIALS: frozenset[Decision] = frozenset(
    {
        "whitelist",
        "allow-list",
        "bucket-policy",
        "endpoint-policy",
        "other-endpoint",
        "public-endpoint",
        "permission-group",
    }
)


class Symptom(Fact):
    """One symptom that an error text shows, as far as one flow is concerned.

    Fields that end in `_en` and `_zh` hold the same text in the two languages.
    """

    flow: str
    symptom: str  # id of the entry of knowledge/symptoms.yaml
    about: Literal[
        "flow",  # the text names this flow, or there is no other it could mean
        "destination",  # the destination of the question, and not which of its addresses
        "sibling",  # it names another address of this destination
        "other",  # it names another destination
    ] = "flow"
    is_relevant: bool = True  # "flow" or "destination"
    by: Literal["text", "phrase"] = "text"  # printed by a program, or put by a person
    text: str = ""  # the text, or the part of a long one around the words that were recognised
    mark: str = ""  # symptom and text: tells conclusions about several apart
    named: str = ""  # what the text says was dialled or looked up
    errno: str = ""  # "111 (ECONNREFUSED)"
    server: str = ""  # the name server that was asked
    decides: Decision = ""
    is_denial: bool = False
    is_lookup: bool = False
    certainty: Literal["confirmed", "possible"] = "confirmed"
    has_suspects: bool = True
    title_en: str = ""
    title_zh: str = ""
    means_en: str = ""
    means_zh: str = ""
    next_en: str = ""
    next_zh: str = ""
    suspects_en: str = ""  # likeliest first
    suspects_zh: str = ""


class SymptomProof(Fact):
    """A gate that cannot be what a text about this flow complains of.

    how  "passed": the text only comes about behind the gate; "bypassed": the gate has no say, as
         the node asked and not the pod
    """

    flow: str
    gate: GateName
    symptom: str
    how: Literal["passed", "bypassed"] = "passed"
    certainty: Literal["confirmed", "possible"] = "confirmed"
    # A refusal by the cluster itself, for a Service without endpoints, looks the same.
    may_be_local: bool = False
    text: str = ""
    gate_en: str = ""  # what people call the gate
    gate_zh: str = ""


class SymptomClient(Fact):
    """The source address that the server saw, by a text about this flow."""

    flow: str
    symptom: str
    address: str
    text: str = ""
    is_pod: bool = False  # the address of the pod that asks
    block: str = "<cidr-block>"  # the vSwitch around the address as a CIDR block, for commands
    vswitch: str = ""  # its id


class SymptomsOmitted(Fact):
    """More error texts than are read."""

    flow: str
    total: int
    judged: int


class UnreadText(Fact):
    """An error text in which no symptom was recognised."""

    flow: str
    text: str  # its beginning


class TextProof(Fact):
    """A text settles that a gate does not stop the flow."""

    is_derived = True
    flow: str
    gate: GateName
    symptom: str
    how: Literal["passed", "bypassed"] = "passed"


class ClientExplained(Fact):
    """The source address that the server saw is the one the documents lead to."""

    is_derived = True
    flow: str
    address: str
