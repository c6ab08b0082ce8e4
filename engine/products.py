"""The cloud products a pod may call, as `knowledge/products.yaml` describes them.

What host names and instance ids of a product look like, its ports, what the special contents of
its whitelist mean, and the address ranges of internal endpoints. Pure data with a few lookups;
observers measure with it, rules say what follows.
"""

import re
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from wayout.engine.bilingual import Model, NonEmpty, Text

__all__ = [
    "LETTERS_BEHIND",
    "Access",
    "AllowList",
    "CloudRange",
    "HostPattern",
    "Meaning",
    "NameMatch",
    "Product",
    "Products",
    "host_regex",
]

# Who decides at the destination whether a source address is let in.
Access = Literal[
    "whitelist",  # address lists of the instance: databases, caches, search, brokers
    "balancer",  # listeners and their access control lists, or security groups
    "bucket",  # bucket policy and what stands around it
    "permission-group",  # rules of an NFS or SMB permission group
    "endpoint",  # the security groups of a PrivateLink endpoint
    "registry",  # the access control of a container registry
    "key-store",  # the VPCs bound to a key management instance
    "cluster-api",  # the access control list of the API server's load balancer
    "account",  # RAM alone: log service, OpenAPI
]
Network = Literal["private", "public", "unknown"]
# What a placeholder of a host pattern stands for.
PLACEHOLDERS = {
    "id": r"(?P<id>[a-z0-9][a-z0-9-]*)",
    "name": r"[a-z0-9][a-z0-9.-]*",
    "number": r"[0-9]+",
    "region": r"(?P<region>[a-z]{2,4}-[a-z0-9]+(?:-[a-z0-9]+)*?)",
}
# What names may have behind the instance id: an `o` or so for the public endpoint.
LETTERS_BEHIND = re.compile(r"-?[a-z]{1,4}")
PLACEHOLDER = re.compile(r"\{([a-z]*)\}")


class HostPattern(Model):
    """A form of host names. `{id}` is the instance, bucket or project, `{region}` the region and
    `{name}` anything; `network` is what such a name leads to, when the form tells. Where a name
    spells the instance otherwise than its id, `instance` makes the id of the part."""

    pattern: NonEmpty
    instance: NonEmpty = "{id}"
    network: Network = "unknown"


class Meaning(Model):
    """What a content of a whitelist means: `empty`, or a token that stands in it.

    `list` narrows it to the lists of one network (Elasticsearch has several).
    """

    content: NonEmpty
    means: Literal["everyone", "nobody", "refused"]
    list: Literal["any", "private", "public"] = "any"
    certainty: Literal["confirmed", "possible"] = "confirmed"


class Append(Model):
    """The command that appends to a whitelist: its style, and the words the products differ in.

    `flags` are the usual four parameters; `rds` takes a network type besides; `kafka` a list and a
    port range. Without a command only the console is named.
    """

    style: Literal["flags", "rds", "kafka", "elasticsearch"]
    api: NonEmpty
    action: NonEmpty
    instance: NonEmpty = "InstanceId"
    entries: NonEmpty = "SecurityIps"
    group: NonEmpty = "GroupName"
    mode: NonEmpty = "ModifyMode"
    value: NonEmpty = "Append"


class States(Model):
    """The states of an instance, as its API spells them. All others are on the way somewhere."""

    running: tuple[NonEmpty, ...] = ()
    down: tuple[NonEmpty, ...] = ()


class AllowList(Model):
    """How a product that lets addresses in does it.

    parts      what may let an address in besides the groups of the instance itself
    certainty  how sure the documents about it are
    forms      forms of entries beyond addresses and CIDR blocks
    collect    entry of collect.yaml that obtains all of it
    """

    parts: tuple[Literal["templates", "security-groups"], ...] = ()
    certainty: Literal["confirmed", "possible"] = "confirmed"
    forms: tuple[Literal["wildcard", "range"], ...] = ()
    collect: NonEmpty
    append: Append | None = None
    states: States = States()


class Product(Model):
    """One product.

    label   its short name, the same in both languages
    ids     what its instance ids begin with, without the hyphen that follows
    ports   the ports it usually answers at
    """

    label: NonEmpty
    title: Text  # what the console calls it
    access: Access
    ids: tuple[NonEmpty, ...] = ()
    hosts: tuple[HostPattern, ...] = ()
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = ()
    whitelist: tuple[Meaning, ...] = ()
    allow_list: AllowList | None = None
    sources: tuple[NonEmpty, ...] = Field(min_length=1)
    read: NonEmpty


class CloudRange(Model):
    """Addresses at which the internal endpoints of a product answer in one region."""

    product: NonEmpty
    region: NonEmpty
    cidrs: tuple[NonEmpty, ...] = Field(min_length=1)


class NameMatch(NamedTuple):
    """What a host name tells: the product, and "" for what it does not tell."""

    product: str
    instance: str
    region: str
    network: Network


class Products(Model):
    """All products by key, in the order in which host names are tried."""

    products: dict[str, Product] = Field(default_factory=dict)
    ranges: tuple[CloudRange, ...] = ()
    ranges_sources: tuple[NonEmpty, ...] = ()

    def get(self, key: str) -> Product | None:
        """The product with this key."""
        return self.products.get(key)

    def by_host(self, host: str) -> NameMatch | None:
        """What a lower-case host name is a form of; the first pattern that fits wins."""
        for key, pattern, regex in self._patterns:
            if (match := regex.fullmatch(host)) is not None:
                found = match.groupdict()
                named = found.get("id") or ""
                instance = pattern.instance.replace("{id}", named) if named else ""
                return NameMatch(key, instance, found.get("region") or "", pattern.network)
        return None

    def by_id(self, instance: str) -> str:
        """The key of the product whose instance ids begin like this one; "" when none do."""
        found = [
            (len(prefix), key)
            for key, product in self.products.items()
            for prefix in product.ids
            if instance.startswith(f"{prefix}-") or instance.startswith(f"{prefix}_")
        ]
        return max(found)[1] if found else ""

    @cached_property
    def _patterns(self) -> tuple[tuple[str, HostPattern, re.Pattern[str]], ...]:
        return tuple(
            (key, pattern, host_regex(pattern.pattern))
            for key, product in self.products.items()
            for pattern in product.hosts
        )


def host_regex(pattern: str) -> re.Pattern[str]:
    """The regular expression of a host pattern; raises ValueError for an unknown placeholder."""
    made: list[str] = []
    for index, part in enumerate(PLACEHOLDER.split(pattern)):
        if index % 2 == 0:
            made.append(re.escape(part))
        elif part in PLACEHOLDERS:
            made.append(PLACEHOLDERS[part])
        else:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise ValueError(f"unknown placeholder {{{part}}}; known are {known}")
    try:
        return re.compile("".join(made))
    except re.error:
        raise ValueError("{id} and {region} may stand once in a pattern") from None
