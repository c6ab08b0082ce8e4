"""Protocols and port ranges as people and APIs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.observe.ports import ANY_PORT, PortRange, parse_ports, parse_protocol


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("TCP", "tcp"),
        (" tcp ", "tcp"),
        ("6", "tcp"),
        ("006", "tcp"),
        ("17", "udp"),
        ("1", "icmp"),
        ("58", "icmpv6"),
        ("47", "gre"),
        ("132", "sctp"),
        ("ALL", "all"),
        ("-1", "all"),
        ("50", "50"),
        ("256", None),
        ("", None),
        ("tcp/udp", None),
        ("٦", None),
        ("9" * 9999, None),
    ],
)
def test_protocol(text: str, want: str | None) -> None:
    assert parse_protocol(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("80/443", PortRange(80, 443)),
        (" 80 / 443 ", PortRange(80, 443)),
        ("443", PortRange(443, 443)),
        ("-1/-1", ANY_PORT),
        ("0/65535", ANY_PORT),
        ("1/65535", PortRange(1, 65535)),
        ("443/80", None),
        ("1/65536", None),
        ("-1/80", None),
        ("80/", None),
        ("", None),
        ("80-443", None),
        ("8٠/443", None),
        ("9" * 9999, None),
    ],
)
def test_ports(text: str, want: PortRange | None) -> None:
    assert parse_ports(text) == want


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535))
def test_a_range_holds_what_lies_between(first: int, last: int, probe: int) -> None:
    ports = parse_ports(f"{first}/{last}")
    if first > last:
        assert ports is None
    else:
        assert ports is not None
        assert ports.contains(probe) == (first <= probe <= last)
        assert ports.is_any == all(ports.contains(port) for port in (1, 65535))
