"""Collects what the documents say: records, completeness, notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from wayout.engine.case.contents import Contents, key_of, merged
from wayout.engine.case.coverage import Part
from wayout.engine.case.lists import MODELS
from wayout.engine.case.model import Notice, Origin, Record, Told
from wayout.engine.case.question import Question
from wayout.engine.case.refusal import refusal
from wayout.engine.case.superseded import drop_superseded

__all__ = ["Frame", "Gatherer", "Orphans", "Paging", "without_nulls"]

M = TypeVar("M", bound=BaseModel)

# Loose objects of these are usually picked: the pod of the question, the endpoints of one Service.
LOOSE_NEEDED: Mapping[str, int | None] = {
    "config_maps": None,
    "endpoint_slices": None,
    "endpoints": None,
    "events": None,
    "gateways": None,
    "http_routes": None,
    "ingresses": None,
    "pod_eips": None,
    "pods": 2,
    "workloads": None,
}
NOTICE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known about the document around a value: its envelope and the file's name.

    `request` has normalised keys (lower case, no underscores); None: nobody noted the request.
    """

    origin: Origin
    stem: str = ""
    action: str = ""
    request: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """What an answer says about being one page of several."""

    total: int | None = None
    page: int | None = None
    starts_at: str | None = None
    next_token: str = ""
    is_partial: bool = False

    def part(self, name: str, of: str, origin: Origin, keys: Iterable[str]) -> Part:
        return Part(
            name, of, origin, tuple(keys), self.total, self.page, self.starts_at,
            self.next_token, self.is_partial,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Orphans:
    """Entries of NAT tables whose gateway may only be known from another document."""

    name: str
    entries: Sequence[tuple[Any, Origin]]
    gateways: tuple[str, ...]
    tables: tuple[str, ...]
    paging: Paging
    origin: Origin


@dataclass(slots=True)
class Gatherer:
    """One load. Parsers put into it what they find; `loading` makes a Case of it."""

    contents: Contents = field(default_factory=Contents)
    question: Question | None = None
    question_origin: Origin | None = None
    unknown: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)  # questions somebody has replied to
    notices: dict[str, Notice] = field(default_factory=dict)
    loose: dict[str, dict[str, Origin]] = field(default_factory=dict)
    assumed: dict[str, Origin] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    secrets: int = 0
    secret_documents: set[str] = field(default_factory=set)
    orphans: list[Orphans] = field(default_factory=list)
    disputed: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)  # changes on all the rest
    # What can only be read when every document is known; run in order before the case settles.
    deferred: list[Callable[[], None]] = field(default_factory=list)

    def parse(self, model: type[M], data: Any, origin: Origin) -> M:
        """A typed value; a null is the same as a missing field, as for the API server."""
        try:
            return model.model_validate(data)
        except ValidationError:
            pass
        try:
            return model.model_validate(without_nulls(data))
        except ValidationError as error:
            raise refusal(error, data, origin) from None

    def add(self, name: str, value: BaseModel, origin: Origin, of: str = "") -> str:
        """Put one record into a list, merged with what is known of the same thing; its key."""
        bucket = self.contents.bucket(name, of)
        key = key_of(value)
        known = bucket.get(key)
        bucket[key] = self.united(name, key, known, value, origin) if known else Record(
            value, (origin,)
        )  # fmt: skip
        return key

    def united(
        self, name: str, key: str, known: Record[Any], value: BaseModel, origin: Origin
    ) -> Record[Any]:
        both, conflicts = merged(known.value, value)
        if conflicts and origin.is_after(known.origin):
            both, _ = merged(value, known.value)
            self.say_conflict(name, key, known.origin, origin, conflicts, used=origin)
        elif conflicts and name in UNKNOWN_WHEN_DISPUTED and not known.origin.is_after(origin):
            disputed = self.disputed.setdefault((name, key), set())
            disputed.update(field.partition(".")[0] for field in conflicts)
            self.say_conflict(name, key, known.origin, origin, conflicts, used=None)
        elif conflicts:
            self.say_conflict(name, key, known.origin, origin, conflicts, used=known.origin)
        both = without(both, self.disputed.get((name, key), ()))
        if origin in known.origins:
            return Record(both, known.origins)
        return Record(both, (*known.origins, origin))

    def say_conflict(
        self,
        name: str,
        key: str,
        first: Origin,
        second: Origin,
        fields: Sequence[str],
        used: Origin | None,
    ) -> None:
        """`used` is the origin that counts; None when neither does."""
        shown = ", ".join(fields[:5])
        label = key if "\0" not in key else name
        en, zh = "neither counts, so this is not known", "两者均不采用，视为未知"
        if used is not None:
            en, zh = f"{used.document} is used", f"以 {used.document} 为准"
        self.notice(
            f"{first.document} and {second.document} disagree about {label} ({shown}); {en}.",
            f"{first.document} 与 {second.document} 对 {label} 的描述不一致（{shown}），{zh}。",
            second,
        )

    def notice(self, en: str, zh: str, origin: Origin | None = None) -> None:
        if len(self.notices) < NOTICE_LIMIT:
            self.notices.setdefault(en, Notice(en, zh, origin))

    def part(self, part: Part) -> None:
        self.contents.parts.append(part)

    def whole(self, name: str, of: str, origin: Origin, keys: Iterable[str] = ()) -> None:
        """This list is complete."""
        self.part(Part(name, of, origin, tuple(keys)))

    def add_loose(self, name: str, value: BaseModel, origin: Origin, of: str) -> None:
        """A record that did not come in a list."""
        self.loose.setdefault(name, {})[self.add(name, value, origin, of)] = origin

    def not_collected(self, what: str, why: str, origin: Origin) -> None:
        what, why = what[:120] or "a request", why[:300]
        self.notice(
            f"{what} failed ({why}), so what it would have told counts as not collected.",
            f"{what} 调用失败（{why}），其结果视为未收集。",
            origin,
        )

    def finish(self) -> Contents:
        """Settle what only all documents together can tell."""
        for read in self.deferred:
            read()
        self.adopt_orphans()
        self.move_to_gateways()
        self.unite_clusters()
        self.count_loose()
        self.say_superseded()
        self.say_assumed()
        self.say_ignored()
        self.contents.settle()
        return self.contents

    # ── Entries of NAT gateways ──────────────────────────────────────────────────────────────

    def adopt_orphans(self) -> None:
        for orphans in self.orphans:
            tables = self.gateways_by_table(orphans.name)
            listed: dict[str, list[str]] = {
                owner: []
                for owner in (
                    *orphans.gateways,
                    *(
                        self.owner_of("", table, tables, orphans.name, orphans.origin)
                        for table in orphans.tables
                    ),
                )
            }
            for entry, origin in orphans.entries:
                table = getattr(entry, TABLE_FIELDS[orphans.name])
                hint = orphans.gateways[0] if len(orphans.gateways) == 1 else ""
                gateway = entry.nat_gateway_id or hint
                owner = self.owner_of(gateway, table, tables, orphans.name, orphans.origin)
                if owner and not entry.nat_gateway_id and owner != table:
                    entry = entry.model_copy(update={"nat_gateway_id": owner})
                key = self.add(orphans.name, entry, origin, owner)
                listed.setdefault(owner, []).append(key)
            if not listed:
                owner = self.owner_of("", "", tables, orphans.name, orphans.origin)
                if owner:
                    listed[owner] = []
            for owner, keys in listed.items():
                # One answer about several gateways counts them together.
                paging = orphans.paging
                if paging.total is not None and len(listed) > 1:
                    every = sum(map(len, listed.values()))
                    paging = Paging(None, paging.page, paging.starts_at, paging.next_token,
                                    paging.is_partial or every < paging.total)  # fmt: skip
                if owner:
                    self.part(paging.part(orphans.name, owner, orphans.origin, keys))
        self.orphans.clear()

    def move_to_gateways(self) -> None:
        """What an earlier load could only put under the id of a table goes to its gateway."""
        gateways = self.contents.bucket("nat_gateways", "")
        for name in TABLE_FIELDS:
            tables = self.gateways_by_table(name)
            parts = {
                part.of: self.owner_of("", part.of, tables, name, part.origin)
                for part in self.contents.parts
                if part.list == name and part.of not in gateways
            }
            moved = {table: owner for table, owner in parts.items() if owner != table}
            for table, owner in moved.items():
                for record in self.contents.records.get(name, {}).pop(table, {}).values():
                    entry = record.value.model_copy(update={"nat_gateway_id": owner})
                    for origin in record.origins:
                        self.add(name, entry, origin, owner)
            self.contents.parts = [
                replace(part, of=moved.get(part.of, part.of)) if part.list == name else part
                for part in self.contents.parts
            ]

    def gateways_by_table(self, name: str) -> dict[str, str]:
        gateways = self.contents.bucket("nat_gateways", "")
        table_ids = "snat_table_ids" if name == "snat_entries" else "forward_table_ids"
        return {
            table: key
            for key, record in sorted(gateways.items())
            for table in getattr(record.value, table_ids) or ()
        }

    def owner_of(
        self, gateway: str, table: str, tables: Mapping[str, str], name: str, origin: Origin
    ) -> str:
        """The gateway an entry belongs to; its table when no document says whose that is."""
        if gateway or table in tables:
            return gateway or tables[table]
        gateways = list(self.contents.bucket("nat_gateways", ""))
        label = MODELS[name].__name__
        if len(gateways) == 1 and (not table or gateways[0] not in tables.values()):
            self.notice(
                f"{origin.document} does not say whose {label} list it is; "
                f"taken as that of {gateways[0]}, the only NAT gateway in the case.",
                f"{origin.document} 未说明 {label} 列表属于哪个 NAT 网关，"
                f"按案例中唯一的 {gateways[0]} 处理。",
                origin,
            )
            return gateways[0]
        if not table:
            self.notice(
                f"{origin.document} does not say which NAT gateway its {label} list "
                "belongs to, so it counts for none; put it into an envelope with its request.",
                f"{origin.document} 未说明 {label} 列表属于哪个 NAT 网关，不予采用；"
                "请用带 request 的信封格式提供。",
                origin,
            )
        return table

    # ── Clusters ─────────────────────────────────────────────────────────────────────────────

    def unite_clusters(self) -> None:
        """A cluster without id is the one that has an id, when there is exactly one."""
        bucket = self.contents.bucket("clusters", "")
        nameless = [key for key, record in bucket.items() if not record.value.key]
        named = [key for key, record in bucket.items() if record.value.key]
        if len(nameless) == 1 and len(named) == 1:
            extra, main = bucket.pop(nameless[0]), bucket[named[0]]
            both, conflicts = merged(main.value, extra.value)
            if conflicts:
                self.say_conflict(
                    "clusters", named[0], main.origin, extra.origin, conflicts, used=main.origin
                )
            bucket[named[0]] = Record(both, (*main.origins, *extra.origins))

    # ── Completeness taken on trust, things not read ─────────────────────────────────────────

    def count_loose(self) -> None:
        listed = {part.list for part in self.contents.parts}
        for name, found in sorted(self.loose.items()):
            needed = LOOSE_NEEDED.get(name, 1)
            if name in listed or needed is None or len(found) < needed:
                continue
            origin = next(iter(found.values()))
            self.part(Part(name, "", origin, tuple(found), is_assumed=True))
            self.assumed.setdefault(name, origin)

    def say_superseded(self) -> None:
        for later, origin, keys in drop_superseded(self.contents):
            names = ", ".join(keys[:5]) + (" …" if len(keys) > 5 else "")
            self.notice(
                f"{later.document} was collected after {origin.document} and no longer has "
                f"{names}, so that no longer counts.",
                f"{later.document} 的收集时间晚于 {origin.document}，"
                f"其中已没有 {names}，因此不再采用。",
                later,
            )

    def say_assumed(self) -> None:
        if self.assumed:
            names = ", ".join(sorted(self.assumed))
            self.notice(
                f"Taken as all there are, because no document says otherwise: {names}.",
                f"因没有文档另作说明，以下列表视为完整：{names}。",
                next(iter(self.assumed.values())),
            )

    def say_ignored(self) -> None:
        if self.ignored:
            counts = ", ".join(f"{n} {what}" for what, n in sorted(self.ignored.items())[:20])
            more = len(self.ignored) - 20
            tail = f" (and {more} more kinds)" if more > 0 else ""
            self.notice(
                f"Not read, because no rule needs them: {counts}{tail}.",
                f"以下内容没有规则需要，未读取：{counts}{'等' if more > 0 else ''}。",
            )
        if self.secrets:
            self.notice(
                f"{self.secrets} Secret object(s) were dropped on load.",
                f"加载时丢弃了 {self.secrets} 个 Secret 对象。",
            )


def without(value: M, fields: Iterable[str]) -> M:
    """The value without what is disputed, where the model can say that nobody knows it."""
    known = type(value).model_fields
    unknown = {name: None for name in fields if name in known and known[name].default is None}
    return value.model_copy(update=unknown) if unknown else value


# Resources of which a missing field means "not known"; of rules and Kubernetes objects it means
# something, such as every destination, so there the document read first counts.
UNKNOWN_WHEN_DISPUTED = frozenset(
    {
        "clusters",
        "eips",
        "listeners",
        "load_balancers",
        "nat_gateways",
        "network_acls",
        "network_interfaces",
        "route_tables",
        "security_groups",
        "server_groups",
        "vpcs",
        "vswitches",
    }
)
TABLE_FIELDS = {"snat_entries": "snat_table_id", "forward_entries": "forward_table_id"}


def without_nulls(data: Any) -> Any:
    """A copy without the keys whose value is null."""
    if isinstance(data, dict):
        return {key: without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [without_nulls(item) for item in data]
    return data
