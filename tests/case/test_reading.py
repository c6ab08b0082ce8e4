"""Bytes to documents: every broken input ends in one sentence that says where."""

import io
import os
import sys
from pathlib import Path

import pytest

from wayout.engine.case import Case, Namespace, NetworkPolicy, Origin, Pod
from wayout.engine.errors import InputError

POD = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}}'
OTHER_POD = POD.replace('"a"', '"b"')
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)

BROKEN = {
    "empty": (b"", "empty"),
    "only a byte order mark": (b"\xef\xbb\xbf \n", "empty"),
    "only separators": (b"---\n---\n", "empty"),
    "NUL byte": (b'{"a":\n "\0"}', "line 2: contains a NUL byte"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "UTF-16"),
    "Latin-1": (b'{"a":\n "\xe9"}', "line 2: not valid UTF-8"),
    "broken JSON": (b'{"a": 1,\n "b"}', "line 2: not valid JSON"),
    "JSON cut off": (b'{"a": [1, 2', "not valid JSON"),
    "duplicate key in JSON": (b'{"a": {"b": 1,\n "b": 2\n}}', 'line 3: the key "b" occurs twice'),
    "duplicate after a brace in a text": (b'{"x": {"t": "}"},\n"a": 1, "a": 2}', "line 2"),
    "NaN": (b'{"t": "NaN",\n "a": NaN}', "line 2: NaN"),
    "Infinity": (b'{"a": -Infinity}', "Infinity"),
    "float overflow": (b'{"a": 1e999}', "too large"),
    "huge integer": (b'{"a": ' + b"9" * 5000 + b"}", "5000 digits"),
    "lone surrogate": (b'{"a": "\\ud800"}', "surrogate"),
    "deep JSON": (b"[" * 200_000, "nested too deeply"),
    "deep JSON, closed": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "deep YAML": (b"a: " + b"[" * 5_000, "nested|not valid"),
    "deep YAML blocks": (
        "\n".join(" " * i + "a:" for i in range(300)).encode(), "nested deeper than 100"
    ),
    "duplicate key in YAML": (b"a: 1\nb: 2\na: 3\n", 'line 3: the key "a" occurs twice'),
    "billion laughs": (LAUGHS.encode(), "aliases add more than"),
    "alias in itself": (b"a: &a [*a]\n", "names no finished anchor"),
    "unknown alias": (b"a: *b\n", "names no finished anchor"),
    "custom tag": (b"a: !!python/object:os.system x\n", "tag .* is not supported"),
    "local tag": (b"x: 1\na: !vault x\n", "line 2: the tag"),
    "list as key": (b"? [1]\n: 2\n", "cannot be a key"),
    "control character": (b"a: 1\nb: \x07\n", "line 2: not valid YAML"),
    "YAML infinity": (b"a: .inf\n", "not a number"),
    "YAML huge integer": (b"a: " + b"9" * 100, "100 digits"),
    "broken YAML": (b"a: [1\n", "not valid YAML"),
    "a text": (b"hello\n", "a document must be a mapping"),
    "a number": (b"42\n", "a document must be a mapping"),
    "shell output": (b"Error from server (Forbidden)\n", "must be a mapping"),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["json", "yaml"])
@pytest.mark.parametrize(("data", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_input(tmp_path: Path, data: bytes, message: str, suffix: str) -> None:
    path = tmp_path / f"in.{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        Case.load(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < len(str(path)) + 700


@pytest.mark.parametrize(("suffix", "mib"), [("json", 64), ("yaml", 16)])
def test_a_huge_file_is_refused_without_reading_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, mib: int
) -> None:
    path = tmp_path / f"huge.{suffix}"
    with path.open("wb") as file:
        file.truncate(1024**3)

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the file was opened")

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(InputError, match=f"1024 MiB is too large; the limit is {mib} MiB"):
        Case.load(path)


def test_yaml_in_a_json_file_has_the_limit_of_yaml(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"a: 1\n" + b"#" * (17 * 1024 * 1024))
    with pytest.raises(InputError, match="17 MiB is too large"):
        Case.load(path)


def test_an_empty_text_names_no_file() -> None:
    with pytest.raises(InputError, match="an empty text is not the name of a file"):
        Case.load("")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        Case.load(tmp_path / "none.json")
    with pytest.raises(InputError, match="NUL"):
        Case.load("a\0b")
    with pytest.raises(InputError, match="file name too long"):
        Case.load("x" * 5000)


def test_special_files(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.json"
    os.mkfifo(fifo)
    with pytest.raises(InputError, match="not a regular file"):
        Case.load(fifo)
    with pytest.raises(InputError, match="not a regular file"):
        Case.load("/dev/null")
    with pytest.raises(InputError, match="not a regular file"):
        Case.load(tmp_path)
    loop = tmp_path / "loop.json"
    loop.symlink_to(loop)
    with pytest.raises(InputError, match="symbolic links"):
        Case.load(loop)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.json"
    path.write_text(POD)

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root could read it whatever its mode
    with pytest.raises(InputError, match="permission denied"):
        Case.load(path)


def test_folder_is_read_recursively_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "b" / "pod.yml").write_text(POD)
    (tmp_path / "a.JSON").write_text(OTHER_POD)
    (tmp_path / ".hidden.json").write_text("broken")
    (tmp_path / ".git" / "x.json").write_text("broken")
    (tmp_path / "notes.txt").write_text("broken")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    case = Case.load(tmp_path)
    assert [r.value.key for r in case.listing(Pod).records] == ["shop/a", "shop/b"]
    origins = {r.origin.document for r in case.listing(Pod).records}
    assert origins == {f"{tmp_path}/a.JSON", f"{tmp_path}/b/pod.yml"}


def test_folder_without_documents(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("x")
    with pytest.raises(InputError, match="holds no"):
        Case.load(tmp_path)


def test_a_file_name_cannot_break_the_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a\nb.json"
    path.write_text("{}")
    with pytest.raises(InputError) as caught:
        Case.load(path)
    assert "\n" not in str(caught.value)


def test_the_same_path_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "pod.json"
    path.write_text(POD)
    (record,) = Case.load(path, path).listing(Pod).records
    assert len(record.origins) == 1


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(POD.encode())))
    (record,) = Case.load("-").listing(Pod).records
    assert record.origin.document == "<stdin>"


def test_standard_input_that_is_closed_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="there is no standard input"):
        Case.load("-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    with pytest.raises(InputError, match="<stdin>, line 1: not valid JSON"):
        Case.load("-")


@pytest.mark.parametrize(
    "text",
    [
        f"{POD}\n{OTHER_POD}",
        f"{POD}\n---\n{OTHER_POD}\n",
        f"---\n{POD}\n---\n---\n{OTHER_POD}",
        f"[{POD}, {OTHER_POD}]",
    ],
)
@pytest.mark.parametrize("name", ["x.json", "x.yaml"])
def test_several_documents_in_one_file(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text(text)
    assert len(Case.load(tmp_path / name).listing(Pod).records) == 2


def test_documents_of_a_stream_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "---\nkind: Namespace\napiVersion: v1\nmetadata: {name: a}\n---\n---\n"
        "kind: Namespace\napiVersion: v1\nmetadata:\n  name: b\n  labels: {x: 1}\n"
    )
    with pytest.raises(InputError, match=r"x.yaml#3, line 11 \(/metadata/labels/x\): .*text"):
        Case.load(path)


def test_scalars_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "kind: Namespace\napiVersion: v1\nmetadata:\n  name: no\n"
        "  labels: {a: yes, b: on, c: 2024-01-01, d: 010, e: '1', f: 1_000, g: 12:30, h: !!str 5}\n"
    )
    (record,) = Case.load(path).listing(Namespace).records
    assert record.value.metadata.name == "no"
    assert record.value.metadata.labels == {
        "a": "yes", "b": "on", "c": "2024-01-01", "d": "010", "e": "1", "f": "1_000",
        "g": "12:30", "h": "5",
    }  # fmt: skip


def test_anchors_and_merge_keys(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "kind: List\napiVersion: v1\nitems:\n"
        "- &p {kind: Pod, apiVersion: v1, metadata: &m {name: a, labels: {x: y}}}\n"
        "- {<<: *p, metadata: {<<: *m, name: b}}\n"
    )
    a, b = Case.load(path).listing(Pod).records
    assert (a.value.key, b.value.key) == ("default/a", "default/b")
    assert b.value.metadata.labels == {"x": "y"}


POLICY_JSON = """\
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
   "metadata": {"name": "a"},
   "spec": {"podSelector": {}, "egress": [
     {},
     {"ports": [{"port": 80},
                {"port": 443}]}]}}]}
"""
POLICY_YAML = """\
# first document
---
a: 1
---
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: a}
  spec:
    podSelector: {}
    egress:
    - {}
    - ports:
      - port: 80
      - port: 443
"""


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        (POLICY_JSON, (), 2),
        (POLICY_JSON, ("metadata", "name"), 3),
        (POLICY_JSON, ("spec", "egress", 0), 5),
        (POLICY_JSON, ("spec", "egress", 1, "ports", 1, "port"), 7),
        (POLICY_JSON, ("spec", "egress", 7), 4),
        (POLICY_JSON, ("spec", "no", "such"), 4),  # cut down to /spec, which is there
        (POLICY_YAML.replace("a: 1", "kind: X\napiVersion: y/v1"), (), 9),
        (POLICY_YAML.replace("a: 1", "{kind: X, apiVersion: y/v1}"), ("spec", "egress", 0), 14),
        (
            POLICY_YAML.replace("a: 1", "{kind: X, apiVersion: y/v1}"),
            ("spec", "egress", 1, "ports", 1),
            17,
        ),
        (POLICY_YAML.replace("a: 1", "{kind: X, apiVersion: y/v1}"), ("spec", "no"), 11),
    ],
)
def test_lines_are_found(tmp_path: Path, text: str, path: tuple[str | int, ...], line: int) -> None:
    file = tmp_path / "x"
    file.write_text(text)
    case = Case.load(file)
    (record,) = case.listing(NetworkPolicy).records
    origin = record.origin.at(*path)
    located = case.locate(origin)
    assert located.line == line
    assert located.document == origin.document
    assert origin.pointer.startswith(located.pointer)
    assert case.locate(Origin(origin.document, located.pointer)) == located  # it is there
    exists = not {"no", 7} & set(path)
    assert (located.pointer == origin.pointer) == exists


def test_no_line_where_there_is_no_text() -> None:
    case = Case.load({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})
    (record,) = case.listing(Pod).records
    assert record.origin == Origin("<document 1>")
    assert case.locate(record.origin).line is None
