"""How the service runs, and what it refuses."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, replace

__all__ = ["Settings", "SettingsError", "is_loopback"]

MIB = 1024 * 1024


class SettingsError(ValueError):
    """Settings with which the service must not start; the message is for people."""


@dataclass(frozen=True, slots=True)
class Settings:
    """host, port     where to listen
    workers        processes that diagnose; each serves one request at a time
    token          what clients must show as `Authorization: Bearer`; "" for nothing
    most_bytes     the largest body of a request, and of what a conversation holds
    most_held      bytes of all bodies in hand together; more are told to come back
    most_documents documents and files of one request or conversation, together
    seconds        how long a body may take to arrive, and then a worker for its answer
    waiting        requests that may wait for a worker; more are told to come back
    patience       seconds a request may wait for a worker; then it is told to come back
    conversations  where conversations are kept: URL of a database or path of a SQLite file; "" for
                   nowhere, then nobody can have one
    keep_seconds   how long a conversation is kept after it was last added to
    most_steps     how often a conversation may be added to
    """

    host: str = "127.0.0.1"
    port: int = 8480
    workers: int = 0
    token: str = ""
    most_bytes: int = 32 * MIB
    most_held: int = 512 * MIB
    most_documents: int = 2_000
    seconds: float = 30.0
    waiting: int = 1_000
    patience: float = 20.0
    conversations: str = ""
    keep_seconds: float = 24 * 3600.0
    most_steps: int = 500

    def checked(self) -> Settings:
        """The settings with workers filled in; raises SettingsError."""
        if not self.token and not is_loopback(self.host):
            raise SettingsError(
                f"{self.host} is not a loopback address, so a token is needed: "
                "set WAYOUT_TOKEN, or give --token-file."
            )
        if self.token and len(self.token) < 16:
            raise SettingsError("the token must have at least 16 characters.")
        return replace(self, workers=self.workers or max(1, os.cpu_count() or 1))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
