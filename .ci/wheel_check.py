"""Builds the distributions, looks inside, and uses the wheel as a stranger would.

    make wheel-check

The wheel is built from the source distribution, so that both are known to be complete, and
is installed into a new environment outside the repository, where nothing of it can be
imported by accident.
"""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ("shop/api-0", "--to", "203.0.113.10:443", "-f", str(ROOT / "examples/no-snat"))
BLOCKED = 1


def run(*command: str | Path, cwd: Path = ROOT, expect: int = 0) -> str:
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, encoding="utf-8")
    if done.returncode != expect:
        print(done.stdout)
        shown = " ".join(map(str, command))
        sys.exit(f"wheel-check: exit code {done.returncode}, not {expect}: {shown}")
    return done.stdout


def check(condition: bool, complaint: str) -> None:
    if not condition:
        sys.exit(f"wheel-check: {complaint}")


def build(place: Path) -> Path:
    """The wheel, by way of the source distribution."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", place)
    [sdist] = place.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(place / "sdist", filter="data")
    [source] = (place / "sdist").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place, cwd=source)
    [wheel] = place.glob("*.whl")
    return wheel


def look_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [Path(name) for name in archive.namelist()]
        entries = {str(name) for name in names}
    tops = {name.parts[0] for name in names if not name.parts[0].endswith(".dist-info")}
    check(tops == {"wayout"}, f"the wheel installs {sorted(tops)}, not wayout alone")
    for package in ("engine", "knowledge", "cli", "service"):
        for name in ("__init__.py", "py.typed"):
            wanted = f"wayout/{package}/{name}"
            check(wanted in entries, f"the wheel lacks {wanted}")
    check("wayout/__main__.py" in entries, "the wheel lacks wayout/__main__.py")
    check(not any("__pycache__" in name.parts for name in names), "the wheel carries caches")

    for name in ("index.html", "page.css", "page.js"):
        check(f"wayout/service/page/{name}" in entries, f"the wheel lacks the page's {name}")
    data = {f"wayout/{path.relative_to(ROOT)}" for path in (ROOT / "knowledge").rglob("*.yaml")}
    check(bool(data), "knowledge/ holds no YAML")
    check(data <= entries, f"the wheel lacks {sorted(data - entries)}")
    rules = [name for name in data if name.startswith("wayout/knowledge/rules/")]
    check(bool(rules), "no rule under knowledge/rules")
    print(f"{wheel.name}: {len(entries)} files, {len(rules)} rules")


def use(wheel: Path, place: Path) -> None:
    """Install beside the pinned dependencies only, and run from a folder of its own."""
    venv, elsewhere = place / "venv", place / "elsewhere"
    elsewhere.mkdir()
    python, wayout = venv / "bin/python", venv / "bin/wayout"
    run(sys.executable, "-m", "venv", venv)
    run(ROOT / ".ci/install", venv, "runtime")
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
    run(python, "-m", "pip", "check")

    print(run(wayout, "version", cwd=elsewhere), end="")
    run(python, "-m", "wayout", "version", cwd=elsewhere)
    answer = run(wayout, "diagnose", *EXAMPLE, cwd=elsewhere, expect=BLOCKED)
    check(bool(answer.strip()), "the example printed no answer")
    page = run(wayout, "diagnose", *EXAMPLE, "-o", "html", cwd=elsewhere, expect=BLOCKED)
    check("</style>" in page and "</script>" in page, "the HTML answer lacks its look")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="wayout-wheel-") as name:
        place = Path(name)
        wheel = build(place)
        look_inside(wheel)
        use(wheel, place)
    print("wheel-check: the wheel is complete and works outside the repository")


if __name__ == "__main__":
    main()
