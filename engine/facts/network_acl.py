"""Facts of the network-acl gate: which ACL guards a vSwitch, and what it does to a flow."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = ["AclBinding", "AclDecision", "AclExempt"]


class AclBinding(Fact):
    """Whether a network ACL guards a vSwitch.

    "changing": the binding or the ACL itself is being changed right now.
    """

    vswitch: str
    state: Literal["bound", "changing", "none", "undetermined"] = "bound"
    acl: str = ""
    lacks: str = ""  # for "undetermined": the list that would tell
    lacks_of: str = ""


class AclDecision(Fact):
    """What the ACL of one vSwitch does to one direction of one flow.

    A network ACL keeps no state: the flow passes only if `egress` lets its packets out and `reply`
    lets the answers in, which go to a port that the pod's kernel chose.
    """

    flow: str
    vswitch: str
    direction: Literal["egress", "reply"] = "egress"
    action: Literal["accept", "drop", "partial", "undetermined"] = "accept"
    reason: Literal[
        "entry",  # `entry` is the first that matches
        "default",  # no entry before the closing one of the system matches
        "platform",  # an address that no network ACL can block
        "entries-missing",  # the entries of the ACL were not collected
        "unreadable-entry",  # `entry` has a field that cannot be read
        "no-address",  # the address of the destination is not known
        "no-port",  # the port of the destination is not known
    ] = "entry"
    acl: str = ""
    entry: str = ""  # id of the deciding entry, "#3" (third of its direction) when it has none
    position: int = 0  # of the deciding entry, from 1; for "default" the place after the last
    protocol: str = ""  # of the deciding entry, as its document writes it; so are the next two
    ports: str = ""
    peer: str = ""
    traffic: str = ""  # the flow in short: tcp/443, icmp
    destination: str = ""  # its address, or its name while no address is known
    reply_ports: str = ""  # the ports of the pod that answers may go to: 32768-60999, 40000
    open_ports: str = ""  # for "partial": those of them that are let in
    closed_ports: str = ""  # for "partial": those that are not
    vicinity: Literal["other", "same", "undetermined"] = "other"  # is the destination in `vswitch`
    lacks: str = ""
    lacks_of: str = ""
    # The narrowest entry that lets the flow pass, and the whole list with it at `position`
    # (only for "drop" and "partial").
    target: str = ""  # the destination as a network of one address
    target_protocol: str = ""
    target_ports: str = ""
    target_version: Literal["", "ipv4", "ipv6"] = ""
    new_entries: str = ""  # JSON: every entry of this direction, the new one included


class AclExempt(Fact):
    """A flow that no network ACL can stop.

    "platform": the first, fixed entry of every ACL lets its address pass. "local": it never leaves
    the pod.
    """

    is_derived = True
    flow: str
    reason: Literal["platform", "local"] = "platform"
