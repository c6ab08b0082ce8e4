"""What a naive reader of error texts gets wrong: each trap as a whole case.

The number in a name is that of the trap; the first sentence of a docstring says the naive belief.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.worlds import (
    DESTINATION,
    ENI,
    NAME,
    NO_SNAT,
    POD,
    Part,
    ask,
    ask_name,
    case_file,
    codes,
    finding,
    group,
    groups_of,
    policy,
    rule,
    status,
    told,
)
from wayout.engine import Answer, Case, Question, diagnose

PRIVATE = "10.20.40.8:6379"
GATES = ("policy", "security-group", "network-acl", "route", "internet-exit", "destination-access")
REFUSED = "dial tcp 203.0.113.10:443: connect: connection refused"


def text(*errors: str) -> Part:
    return case_file(observations=[{"error": error} for error in errors])


def alone(error: str, to: str = DESTINATION, **parts: Any) -> Answer:
    """The answer to an error text when hardly anything else is known."""
    case = Case.load(case_file(observations=[{"error": error}], **parts))
    return diagnose(case, Question(pod=POD, destination=to))


def ends(answer: Answer, *gates: str) -> set[str]:
    return {status(answer, gate) for gate in gates or GATES}


# ── 16: telnet and whitelists ────────────────────────────────────────────────────────────────


def test_trap_16_that_telnet_connects_is_no_whitelist() -> None:
    """The port is open, so the whitelist admits the pod."""
    answer = alone("telnet 通但登录失败", PRIVATE)
    assert status(answer, "destination-access") == "unknown"
    (said,) = [s.text.en for s in answer.symptoms]
    assert "Likely, in this order: Destination access" in said


def test_trap_16_a_silent_database_is_not_admission() -> None:
    """TCP was accepted, so the whitelist admits the pod."""
    answer = alone(
        "ERROR 2013 (HY000): Lost connection to MySQL server at"
        " 'reading initial communication packet', system error: 110",
        PRIVATE,
    )
    assert ends(answer, "policy", "security-group", "network-acl", "route") == {"passes"}
    assert status(answer, "destination-access") == "unknown"


def test_trap_16_a_timeout_is_no_denial_by_the_whitelist() -> None:
    """A timeout is never the whitelist; or it always is."""
    answer = ask(text(f"dial tcp {PRIVATE}: i/o timeout"), to=PRIVATE)
    assert status(answer, "destination-access") == "unknown"
    assert not answer.findings


# ── 17: refusals ─────────────────────────────────────────────────────────────────────────────


def test_trap_17_a_refusal_by_an_address_of_nobody_here_proves_the_path() -> None:
    answer = alone(REFUSED, services=[])
    assert ends(answer) == {"passes"}
    assert "DSV-828" not in told(answer)


def test_trap_17_a_refusal_may_come_from_the_cluster_itself() -> None:
    """Refused means that the host was reached."""
    answer = alone(REFUSED)  # whether a Service has the address is not known
    assert status(answer, "policy") == status(answer, "security-group") == "unknown"
    assert "DSV-828" in told(answer)


@pytest.mark.parametrize("to", ["svc/shop/orders:80", "172.21.9.9:80", "203.0.113.50:80"])
def test_trap_17_a_service_without_endpoints_refuses_by_itself(to: str) -> None:
    """Whatever refuses, policies and security groups let it through."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": "172.21.9.9",
            "selector": {"app": "orders"},
            "ports": [{"port": 80, "protocol": "TCP"}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.50"}]}},
    }
    answer = ask(service, text("connect: Connection refused"), to=to)
    proven = {item.code for item in answer.ruled_out}
    assert not proven & {"POL-804", "SG-801", "ACL-801", "RTE-801", "DAC-801"}
    assert "DSV-828" in told(answer)


# ── 18: HTTP statuses ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "error",
    [
        "HTTP/1.1 502 Bad Gateway",
        "403 Forbidden <Code>AccessDenied</Code>",
        "403: IP not in allow list",
        "x509: certificate signed by unknown authority",
    ],
)
def test_trap_18_an_answer_is_never_a_security_group(error: str) -> None:
    """A 403 is a security group that denies."""
    answer = alone(error)
    assert ends(answer, *GATES[:5]) == {"passes"}


def test_trap_18_a_block_that_documents_prove_stays_and_is_doubted() -> None:
    """The text is right, so the documents are wrong; or the other way round."""
    answer = ask(text("HTTP/1.1 502 Bad Gateway"), changes=[NO_SNAT])
    assert (answer.verdict, status(answer, "internet-exit")) == ("blocked", "blocks")
    assert "DSV-830" in told(answer)
    assert "NAT-805" not in {item.code for item in answer.ruled_out}


def test_trap_18_a_group_that_drops_and_an_answer() -> None:
    made = case_file(security_groups=[group("sg-bp1own", rule("drop", None, "0.0.0.0/0"))])
    answer = ask(made, text("502 Bad Gateway"), changes=[groups_of(ENI, "sg-bp1own")])
    assert status(answer, "security-group") == "blocks"
    assert "DSV-830" in told(answer)
    assert not {"SG-025", "SG-026"} & told(answer)


# ── 19: several addresses ────────────────────────────────────────────────────────────────────


def test_trap_19_every_address_of_the_exit_must_be_listed() -> None:
    """The address in the text is all that must be listed."""
    answer = ask(text("#RDS00ip not in whitelist, client ip is 198.51.100.20"))
    (fix,) = answer.fixes
    assert fix.id == "whitelist-seen-address"
    assert "198.51.100.20,<further-eips>" in fix.change.aliyun
    assert "ModifyMode Append" in fix.change.aliyun
    assert not {"DAC-824", "DAC-825"} & told(answer)


def test_trap_23_the_vswitch_is_listed_and_not_the_pod() -> None:
    """The pod's address goes onto the list."""
    answer = ask(text("ERR illegal address: 10.20.16.31:51234"), to=PRIVATE)
    (fix,) = answer.fixes
    assert "10.20.16.0/24" in fix.change.aliyun
    assert "10.20.16.31" not in fix.change.aliyun
    assert set(codes(answer)) == {"DAC-810"}
    assert finding(answer, "DAC-810").certainty == "confirmed"


# ── 29: the node asks ────────────────────────────────────────────────────────────────────────

PULL = 'Failed to pull image "registry.example.com/a:1": dial tcp 203.0.113.10:443: i/o timeout'
MOUNT = "mount.nfs: Connection timed out"


@pytest.mark.parametrize("error", [PULL, MOUNT])
def test_trap_29_policies_have_no_say_on_images_and_volumes(error: str) -> None:
    """What stops the pod stops its images."""
    answer = alone(error)
    assert status(answer, "policy") == "not-applicable"
    assert status(answer, "security-group") == "unknown"


@pytest.mark.parametrize("error", [PULL, MOUNT])
def test_trap_29_a_policy_is_not_the_cause(error: str) -> None:
    answer = ask(case_file(network_policies=[policy()]), text(error))
    assert status(answer, "policy") == "blocks"  # it does stop the pod
    assert "DSV-831" in told(answer)


# ── 34: IPv6 first ───────────────────────────────────────────────────────────────────────────


def test_trap_34_an_ipv6_attempt_that_fails_is_harmless() -> None:
    """The network is unreachable."""
    error = "connect to 2001:db8::10 port 443 failed: Network is unreachable"
    answer = ask_name(text(error), addresses=["203.0.113.10", "2001:db8::10"])
    assert answer.verdict == "reachable"
    assert not answer.findings


# ── 35: several at once ──────────────────────────────────────────────────────────────────────


def test_trap_35_a_text_does_not_end_the_search() -> None:
    """The whitelist is the fault, so nothing else is."""
    answer = ask(text("#RDS00ip not in whitelist, client ip is 198.51.100.99"), changes=[NO_SNAT])
    assert set(codes(answer)) == {"NAT-002", "DAC-811"}


# ── Lookups ──────────────────────────────────────────────────────────────────────────────────


def test_nxdomain_of_another_name_is_not_of_this_one() -> None:
    answer = ask_name(text("** server can't find api.example.org: NXDOMAIN"))
    assert status(answer, "dns") == "passes"
    assert "DSV-824" in told(answer)


def test_nxdomain_in_a_text_is_the_observation() -> None:
    seen = ask(text(f"** server can't find {NAME}: NXDOMAIN"), to=f"{NAME}:443")
    assert set(codes(seen)) == {"DNS-040"}


def test_could_not_resolve_is_no_proof_that_the_name_is_wrong() -> None:
    """Not resolved means that the name does not exist."""
    answer = ask(text(f"curl: (6) Could not resolve host: {NAME}"), to=f"{NAME}:443")
    assert status(answer, "dns") == "unknown"
    assert finding(answer, "DNS-802").certainty == "possible"


def test_what_people_write_proves_nothing() -> None:
    answer = alone("端口拒绝连接，肯定不是网络问题", services=[])
    assert "passes" not in ends(answer)


def test_markup_and_control_characters_of_a_text_stay_inside() -> None:
    answer = alone("Connection refused \x1b[31m <script>alert(1)</script> {$x} \u202e", services=[])
    (said,) = [s.text for s in answer.symptoms if s.code == "DSV-820"]
    assert "\x1b" not in said.en + said.zh
    assert "\u202e" not in said.en + said.zh


def test_each_symptom_of_one_text_is_told() -> None:
    """One text is one symptom."""
    answer = alone("connection timed out; later: Too many connections; then 502 Bad Gateway")
    told_of = " ".join(s.text.en for s in answer.symptoms)
    assert all(f"symptom {name}" in told_of for name in ("SYM-05", "SYM-22", "SYM-36"))
