"""The element builder: nothing leaves it unescaped, and nothing unlisted gets in."""

import ast
from pathlib import Path

import pytest
from hypothesis import given

from tests.report.hostile import hostile
from tests.report.pages import Reader
from wayout.engine.report import html as package
from wayout.engine.report.html.markup import breakable, code, el, join
from wayout.engine.report.plain import has_hidden, visible

FOLDER = Path(package.__file__).parent


@given(hostile)
def test_text_and_attributes_are_read_back_as_they_were(text: str) -> None:
    source = str(el("p", text, [text, el("strong", text)], aria_label=text, id="x"))
    outer, strong = Reader(source).elements
    assert outer.text == visible(text) * 3
    assert strong.text == visible(text)
    assert outer.attributes == {"aria-label": visible(text), "id": "x"}
    assert not has_hidden(source)


@given(hostile)
def test_code_keeps_its_lines(text: str) -> None:
    pre, inner = Reader(str(code(text))).elements
    assert pre.tag == "pre"
    assert inner.text == "\n".join(visible(line.rstrip()) for line in text.strip("\n").split("\n"))


@pytest.mark.parametrize("tag", ["script", "style", "iframe", "img", "svg", "p onclick=x", ""])
def test_no_other_elements(tag: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        el(tag)


@pytest.mark.parametrize("name", ["onclick", "style", "src", "srcdoc", "action", "x y"])
def test_no_other_attributes(name: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        el("p", **{name: "x"})


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//evil.example",
        "data:text/html,x",
        "#",
        "#A b",
        "file:///etc",
        "",
        "x",
        'https://evil.example/"onclick=',
        "https://evil.example/ x",
        "https://例子.example/",
    ],
)
def test_no_other_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="leads nowhere"):
        el("a", href=address)


def test_what_is_not_there_is_not_written() -> None:
    assert str(el("details", None, [], open=False, id=None)) == "<details></details>"
    assert str(el("details", open=True, class_="a b")) == '<details open class="a b"></details>'
    assert str(el("meta", charset="utf-8")) == '<meta charset="utf-8">'
    assert str(el("p", join(["a", el("code", "b"), "<"], ", "))) == "<p>a, <code>b</code>, &lt;</p>"


def test_a_name_breaks_where_it_has_joints() -> None:
    said = str(el("p", breakable("shop/api-0.<b>:443")))
    assert said == "<p>shop/<wbr>api-<wbr>0.<wbr>&lt;b&gt;:<wbr>443</p>"
    assert str(el("p", breakable("."))) == "<p>.</p>"


def test_only_the_builder_and_the_two_constants_make_markup() -> None:
    makers = {}
    for place in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(place.read_text(encoding="utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
        names = [n.func.id for n in calls if isinstance(n.func, ast.Name)]
        if count := names.count("Markup"):
            makers[place.name] = count
        constants = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "constant"]
        assert all(isinstance(n.args[1], ast.Name) for n in constants)
        assert {n.args[1].id for n in constants if isinstance(n.args[1], ast.Name)} <= {
            "STYLE",
            "SCRIPT",
        }
    assert makers == {"document.py": 1, "markup.py": 3}
