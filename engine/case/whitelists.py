"""What the instances of cloud products let in: address groups, templates and security groups.

The products spell the same things differently (`SecurityIPList`, `SecurityIpList`, `SecurityIps`,
`AllowedIpList`); the loader brings them into this one form.
"""

from pydantic import Field

from wayout.engine.case.alibaba import CloudModel, Id

__all__ = ["REFUSED", "Whitelist", "WhitelistSecurityGroup", "WhitelistTemplate"]


# What groups of addresses that are kept out have for an attribute (Kafka: BlackIPList).
REFUSED = "refused"


class Whitelist(CloudModel):
    """One group of addresses that an instance lets in.

    `network` is the kind of endpoint or source the group is for, as the API spells it: VPC, Classic
    and MIX (RDS), PRIVATE_ES, PUBLIC_ES, PRIVATE_KIBANA and PUBLIC_KIBANA (Elasticsearch), vpc and
    internet (Kafka); "" when the product does not tell groups apart.
    """

    instance_id: Id
    group_name: str = ""
    attribute: str = ""  # "hidden" for groups that cloud services keep for themselves; REFUSED
    network: str = ""
    port_range: str = ""  # Kafka: "9092/9092"; "" for every port
    entries: list[str] = Field(default=[])  # as written, blanks and empty parts dropped

    @property
    def key(self) -> str:
        kept_out = [REFUSED] if self.attribute == REFUSED else []
        return "|".join((self.group_name, self.network.lower(), self.port_range, *kept_out))


class WhitelistTemplate(Whitelist):
    """A group that several instances share: an RDS whitelist template, a global IP group."""


class WhitelistSecurityGroup(CloudModel):
    """An ECS security group whose members an instance lets in."""

    instance_id: Id
    security_group_id: Id
    network: str = ""  # vpc | classic, in any case

    @property
    def key(self) -> str:
        return f"{self.security_group_id}|{self.network.lower()}"
