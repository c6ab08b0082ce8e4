"""A case without names: pseudonyms for addresses, ids and names that keep every relation.

Documents are rewritten before they are read, so nothing behind them has ever seen the originals.
Two addresses share as long a prefix afterwards as before; a name that a wildcard of the documents
stands for begins and ends like it; what the ending of an endpoint says is kept. The key is made
from the originals: the same documents always give the same pseudonyms, other documents give others.
Keys of mappings, regions, statuses and whatever no name or address stands in are kept. Not kept is
which addresses lie in a range `a-b` of a whitelist, and what a `?` or a `*` in the middle fits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from wayout.engine.case.address_pseudonyms import Addresses
from wayout.engine.case.case import Case
from wayout.engine.case.kube import KINDS, RESOURCES, lists_named_by
from wayout.engine.case.loading import documents_of, load_documents
from wayout.engine.case.pseudonyms import (
    ANY_ID,
    BULKY,
    FREE_MAPS,
    HOST_TAIL,
    KEPT_NAMES,
    KEPT_SUFFIXES,
    NAME_KEYS,
    NAMELESS,
    PLACE_KEYS,
    PLATFORM,
    PROSE_KEYS,
    PUBLIC_LABELS,
    RESOURCE_ID,
    SERVICE_LABELS,
    WORDS,
)
from wayout.engine.case.question import Question
from wayout.engine.case.reading import Document
from wayout.engine.products import LETTERS_BEHIND

__all__ = ["Redacted", "redact"]

TOKEN = re.compile(
    r"(?P<v6>(?<![\w:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:/\d{1,3})?(?![\w:]))"
    r"|(?P<v4>(?<!\w)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w]|\.\d))"
    r"|(?P<wild>(?<![\w.])\d{1,3}(?:\.\d{1,3}){0,2}(?:\.\*){1,3}(?![\w.*]))"
    # Beside a wildcard, but not in `oss:Get*`, an action, or `oss:cn-*`, a region.
    r"|(?P<head>(?<![A-Za-z]:)[A-Za-z0-9_-]*[A-Za-z][A-Za-z0-9_-]*(?=\*))"
    r"|(?P<tail>(?<=(?<![A-Za-z]:)\*)[A-Za-z0-9_-]*[A-Za-z][A-Za-z0-9_-]*)"
    r"|(?P<word>[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)"
)
ACCOUNT = re.compile(r"\d{15,20}")  # 13 digits are a time in milliseconds
NODE = re.compile(r"virtual-kubelet-.+|.+[.-]\d{1,3}(?:\.\d{1,3}){3}")
HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
SKIPPED = frozenset({"apiversion", "kind", "action", "collected_at", "creationtimestamp"})

# The ending of a first label says what an endpoint is: a registry, one inside the VPC, and so on.
ENDPOINT_LABEL = re.compile(
    r"(.+?)((?:-registry)?(?:-(?:vpc|internal|intranet|public|pub|ossalias))?)", re.IGNORECASE
)
ALIAS = "-ossalias"  # of an access point, with or without the endpoint behind it


class Redacted:
    """The outcome: documents without names, the case they make, and how a text is rewritten."""

    def __init__(self, documents: list[Document], redactor: Redactor) -> None:
        self._documents, self._redactor = documents, redactor

    @cached_property
    def case(self) -> Case:
        """The case that the documents without names make."""
        return load_documents(self._documents)

    @property
    def documents(self) -> Iterator[Any]:
        """The documents as data, to be written down; each can be recognised by itself."""
        for document in self._documents:
            yield from self_contained(document)

    def also(self, *sources: Any) -> Case:
        """The case of other documents, with the same pseudonyms. Raises InputError."""
        found = read(sources)
        self._redactor.learn(document.value for document in found)
        return load_documents(rewritten(found, self._redactor))

    def text(self, text: str) -> str:
        """A text, such as the name of a pod or a destination, with the same pseudonyms."""
        return self._redactor.text(text)

    def question(self, question: Question) -> Question:
        """The same question about the case without names."""
        said = question.model_dump()
        said["pod"], said["destination"] = self.text(question.pod), self.text(question.destination)
        return Question(**said)


def redact(
    *sources: Any, more: Iterable[str] = (), terms: Collection[str] = frozenset()
) -> Redacted:
    """The documents of these sources (as `Case.load` takes them) without names and addresses.

    `more` are texts that will be rewritten too, so that names which only they hold are known.
    `terms` are words, in lower case, that are not replaced even where they name something, as
    error texts would lose their meaning. Raises InputError for what cannot be read.
    """
    documents = read(sources)
    redactor = Redactor([document.value for document in documents], more, terms)
    return Redacted(rewritten(documents, redactor), redactor)


def read(sources: Iterable[Any]) -> list[Document]:
    paths: set[str] = set()
    return [
        document
        for number, source in enumerate(sources, start=1)
        for document in documents_of(source, number, paths)
    ]


def rewritten(documents: Iterable[Document], redactor: Redactor) -> list[Document]:
    """The documents without names; of the names of files only what they are lists of is left."""
    return [
        Document(
            f"<document {number}>",
            redactor.value(document.value),
            " ".join(w for w in re.split(r"[^a-z]+", document.stem) if w in RESOURCES),
            document.source,
        )
        for number, document in enumerate(documents, start=1)
    ]


def self_contained(document: Document) -> Iterator[Any]:
    """A list that only its file's name tells the kind of says it by itself afterwards."""
    value = document.value
    is_empty = isinstance(value, dict) and value.get("kind") == "List" and not value.get("items")
    names = lists_named_by(document.stem) if is_empty else ()
    if not names:
        yield value
    for name in names:
        kind = next((kind for kind, known in KINDS.items() if known.list == name), None)
        if kind is not None:
            group = min(KINDS[kind].groups)
            version = f"{group}/v1" if group else "v1"
            yield {**value, "apiVersion": version, "kind": f"{kind}List", "items": []}


class Redactor:
    """Rewrites values; what it knows of names comes from the documents it was made for."""

    def __init__(
        self,
        values: Iterable[Any],
        more: Iterable[str] = (),
        terms: Collection[str] = frozenset(),
    ) -> None:
        self.names: set[str] = set()
        self.terms = terms
        values = list(values)
        self.learn(values)
        found = [match for text in texts_in(values) for match in TOKEN.finditer(text)]
        # Learnt once: another one would change pseudonyms that were given.
        self.heads = sorted({match["head"] for match in found if match["head"]}, key=len)
        self.tails = sorted({match["tail"] for match in found if match["tail"]}, key=len)
        self.ids = {match[0] for match in found if RESOURCE_ID.fullmatch(match[0])}
        total = hashlib.sha256("\n".join(sorted(self.names)).encode("utf-8", "surrogatepass"))
        for token in sorted({match[0] for match in found}):
            total.update(token.encode("utf-8", "surrogatepass") + b"\n")
        self.key = total.digest()
        self.addresses = Addresses(self.key)
        for text in more:  # no part of the key: another question gives the same pseudonyms
            self.names |= {name for name in parts_of(text) if not self.is_kept(name)}

    def learn(self, values: Iterable[Any]) -> None:
        """Adds the names that documents hold; the key and all pseudonyms stay."""
        for value in values:
            self.names |= {name for name in names_in(value) if not self.is_kept(name)}

    def is_kept(self, word: str) -> bool:
        """Whether a word means the same for everybody."""
        return word in KEPT_NAMES or word in WORDS or word.lower() in self.terms

    def value(self, value: Any, key: str = "") -> Any:
        """Data with pseudonyms; bulky parts that no rule reads are left out."""
        plain = normal(key)
        if isinstance(value, Mapping):
            return {
                self.key_of(name, plain): self.value(inner, str(name))
                for name, inner in value.items()
                if normal(name) not in BULKY
            }
        if isinstance(value, list):
            return [self.value(inner, key) for inner in value]
        if isinstance(value, str) and plain not in SKIPPED:
            if plain in PROSE_KEYS:
                return self.hashed("text", value) if value else value
            return self.text(value)
        if isinstance(value, int) and not isinstance(value, bool) and ACCOUNT.fullmatch(str(value)):
            return int(self.account(str(value)))
        return value

    def key_of(self, name: Any, parent: str) -> Any:
        """Keys stay, but for those of mappings that go from names to something."""
        return self.text(name) if parent in FREE_MAPS and isinstance(name, str) else name

    def text(self, text: str) -> str:
        """A text in which every address, id, host and known name is replaced."""
        return TOKEN.sub(self.replaced, text)

    def replaced(self, match: re.Match[str]) -> str:
        token = match[0]
        if match["wild"]:
            return self.addresses.wildcard(token)
        if match["v4"] or match["v6"]:
            return self.addresses.token(token)
        if match["head"]:
            return token if ANY_ID.fullmatch(token) else self.head(token)
        if match["tail"]:
            return self.tail(token)
        if self.is_kept(token) or token.startswith("acs_"):
            return token
        if token in self.names:
            return self.hashed("n", token)
        if token.endswith(ALIAS):
            return self.label(token.removesuffix(ALIAS)) + ALIAS
        if ACCOUNT.fullmatch(token):
            return self.account(token)
        if found := RESOURCE_ID.fullmatch(token):
            return self.hashed(f"{found[1]}-", found[2], token)
        if HOST.fullmatch(token):
            return self.host(token)
        return self.with_address(token)

    def with_address(self, token: str) -> str:
        """`cn-hangzhou.10.0.0.1`, the name of a node, still holds an address."""
        return re.sub(r"(?<=[.-])\d{1,3}(?:\.\d{1,3}){3}$", self.inner, token)

    def inner(self, match: re.Match[str]) -> str:
        return self.addresses.token(match[0])

    def host(self, name: str) -> str:
        """Label by label, so that zones still hold the names below them; known suffixes stay."""
        lower = name.lower()
        if lower.startswith("com.aliyun.") or any(
            lower == suffix or lower.endswith(f".{suffix}") for suffix in KEPT_SUFFIXES
        ):
            return name
        labels = name.split(".")
        tail = next((len(t.split(".")) for t in HOST_TAIL if lower.endswith(f".{t}")), 1)
        if lower.endswith(".aliyuncs.com"):
            return ".".join([self.product_label(labels), *labels[1:]])
        return ".".join([*map(self.label, labels[:-tail]), *labels[-tail:]])

    def label(self, label: str) -> str:
        if self.is_kept(label) or label.lower() in PUBLIC_LABELS:
            return label
        found = RESOURCE_ID.fullmatch(label)
        if found is None:
            return self.hashed("n", label)
        # The name of an endpoint may have letters behind the id, such as the `o` of RDS.
        behind = [known for known in self.ids if is_behind(label, known)]
        owner = max(behind, key=len) if behind and label not in self.ids else label
        start = len(found[1]) + 1
        return self.hashed(label[:start], owner[start:], owner) + label[len(owner) :]

    def product_label(self, labels: list[str]) -> str:
        """An instance or bucket in front of an endpoint of the cloud; the endpoint itself stays."""
        first = labels[0]
        found = ENDPOINT_LABEL.fullmatch(first)
        name, ending = (found[1], found[2]) if found else (first, "")
        if len(labels) < 4 or name.lower() in SERVICE_LABELS:
            return first
        return f"{self.label(name)}{ending}"

    def account(self, digits: str) -> str:
        number = int.from_bytes(hashlib.sha256(self.key + digits.encode()).digest()[:8], "big")
        return f"1{number % 10 ** (len(digits) - 1):0{len(digits) - 1}d}"

    def hashed(self, kind: str, text: str, whole: str = "") -> str:
        """The pseudonym of a name or id; `text` is what is replaced of the `whole`.

        It begins as that of each wildcard `head*` that fits does, and ends as that of `*tail`.
        """
        whole = whole or text
        heads = [head for head in self.heads if whole.startswith(head) and head != whole]
        tails = [tail for tail in reversed(self.tails) if whole.endswith(tail) and tail != whole]
        return kind + "".join(map(self.digest, (*heads, text, *tails)))

    def head(self, head: str) -> str:
        """What the pseudonyms of all names begin with that begin like this."""
        found = RESOURCE_ID.fullmatch(head)
        shorter = [known for known in self.heads if head.startswith(known) and known != head]
        kind = f"{found[1]}-" if found else "n"
        return kind + "".join(map(self.digest, (*shorter, head)))

    def tail(self, tail: str) -> str:
        """What the pseudonyms of all names end with that end like this."""
        shorter = [t for t in reversed(self.tails) if tail.endswith(t) and t != tail]
        return "".join(map(self.digest, (tail, *shorter)))

    def digest(self, text: str) -> str:
        total = hashlib.sha256(self.key + text.encode("utf-8", "surrogatepass"))
        return total.hexdigest()[:10]


def is_behind(label: str, known: str) -> bool:
    """Whether a label is a known id with the letters behind that endpoints have."""
    return label.startswith(known) and bool(LETTERS_BEHIND.fullmatch(label.removeprefix(known)))


def normal(key: object) -> str:
    return re.sub(r"[^a-z0-9_]", "", str(key).lower())


def names_in(value: Any, key: str = "", parent: str = "") -> Iterator[str]:
    """The names a document gives to things: of objects, resources and labels."""
    if isinstance(value, Mapping):
        if key in NAMELESS:
            return
        for name, inner in value.items():
            if key in FREE_MAPS:
                yield from parts_of(str(name))
            if key in ("labels", "matchlabels", "selector") and isinstance(inner, str):
                if not PLATFORM.search(str(name)):
                    yield from parts_of(inner)
                continue
            if normal(name) == "values" and PLATFORM.search(str(value.get("key", ""))):
                continue
            yield from names_in(inner, normal(name), key)
    elif isinstance(value, list):
        if key not in NAMELESS:
            for inner in value:
                yield from names_in(inner, key, parent)
    elif isinstance(value, str) and (key in NAME_KEYS or is_id(key)):
        yield from parts_of(value)


def is_id(key: str) -> bool:
    """Whether a key holds the id of something of the customer's: not of a region or zone."""
    return key.endswith(("id", "ids")) and key not in PLACE_KEYS


def parts_of(name: str) -> Iterator[str]:
    """`shop/api-0` names a namespace and a pod; hosts, ids and addresses are no names.

    Nor are the names of nodes: what kind of node it is shows in their form. A single letter or a
    number tells nothing, and ports and versions would be taken for it.
    """
    for part in name.split("/"):
        match = TOKEN.fullmatch(part)
        patterns = (HOST, RESOURCE_ID, NODE)
        if not match or not match["word"] or any(p.fullmatch(part) for p in patterns):
            continue
        if len(part) > 1 and (not part.isdigit() or ACCOUNT.fullmatch(part)):
            yield part


def texts_in(value: Any) -> Iterator[str]:
    """Every text in data, but no keys."""
    todo = [value]
    while todo:
        here = todo.pop()
        if isinstance(here, Mapping):
            todo += here.values()
        elif isinstance(here, (list, tuple)):
            todo += here
        elif isinstance(here, str):
            yield here
