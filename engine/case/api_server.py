"""The addresses of a cluster's API server, which its description holds as a JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from wayout.engine.case.gathering import Gatherer
from wayout.engine.case.instances import InstanceEndpoint
from wayout.engine.case.model import Origin

__all__ = ["take_api_server"]

KEYS = {"api_server_endpoint": "public", "intranet_api_server_endpoint": "private"}


def take_api_server(gatherer: Gatherer, cluster: Mapping[str, Any], origin: Origin) -> None:
    """Read `master_url`; a text that cannot be read tells no address."""
    name, text = cluster.get("cluster_id"), cluster.get("master_url")
    if not isinstance(name, str) or not name or not isinstance(text, str):
        return
    place = origin.at("master_url")
    for host, port, network in addresses(text):
        endpoint = InstanceEndpoint(
            instance_id=name,
            product="api-server",
            host="" if is_address(host) else host,
            ip=host if is_address(host) else "",
            ports=(port,),
            network=network,
            vpc_id=cluster.get("vpc_id") if network == "private" else None,
        )
        gatherer.add("instance_endpoints", endpoint, place, name)


def addresses(text: str) -> Iterator[tuple[str, int, str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    for key, network in KEYS.items():
        url = found.get(key) if isinstance(found, dict) else None
        if isinstance(url, str) and url:
            try:
                parts = urlsplit(url if "//" in url else f"//{url}")
                host, port = parts.hostname or "", parts.port or 6443
            except ValueError:
                continue
            if host:
                yield host, port, network


def is_address(host: str) -> bool:
    return host.replace(".", "").isdigit()
