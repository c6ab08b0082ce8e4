"""What the parts of a case file are made of: how strict they are, addresses, ports and ids."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

__all__ = ["STRICT", "Address", "Ids", "Network", "Port"]


# Strict: a key nobody knows is a typing error. Built with the whole, not each by itself.
STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True, defer_build=True)


def check_address(text: str) -> str:
    """Refuses what is no IP address; a person typed it, so a slip is likelier than a meaning."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("this is no IP address; write it like 10.0.0.8") from None
    return text


def check_network(text: str) -> str:
    """Refuses what is no CIDR block; dual-stack clusters name two, divided by a comma."""
    try:
        for part in text.split(","):
            ipaddress.ip_network(part.strip(), strict=False)
    except ValueError:
        raise ValueError("this is no CIDR block; write it like 10.0.0.0/16") from None
    return text


Address = Annotated[str, AfterValidator(check_address)]
Network = Annotated[str, AfterValidator(check_network)]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Ids = list[str] | str
"""One id, a list of ids, or ids divided by commas."""
