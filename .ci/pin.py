"""Writes requirements/*.txt from pyproject.toml: every version exact, every file hashed.

    make pins

One resolution serves Python 3.11 to 3.13 on every platform. `build` is what compiles
durable_rules and installs this project, `durable-rules` is that one package alone (its
build takes flags of its own), `runtime` is what a user needs, `service` what the service and
the MCP server need beside it, `dev` is everything but `browser`, which tests in a browser take.
No file names the place the packages came from.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "requirements"
ADDRESS = re.compile(r"://|--(extra-)?index|--find-links|--trusted-host")


def resolve(requirements: list[str], *constraints: str) -> str:
    arguments = [part for pin in constraints for part in ("--constraint", f"{PLACE / pin}.txt")]
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "-", *arguments),
        *("--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"),
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-config", "--quiet"),
    ]
    done = subprocess.run(
        command, input="\n".join(requirements), text=True, stdout=subprocess.PIPE, check=True
    )
    return done.stdout


def write(name: str, pins: str) -> None:
    if ADDRESS.search(pins):
        sys.exit(f"requirements/{name}.txt would name an address; nothing written")
    (PLACE / f"{name}.txt").write_text(pins, encoding="utf-8")
    print(f"requirements/{name}.txt: {pins.count('==')} packages")


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    groups = project["project"]["optional-dependencies"].values()
    extras = [line for lines in groups for line in lines]
    build = [*project["build-system"]["requires"], "pip", "setuptools"]
    more = project["dependency-groups"]
    PLACE.mkdir(exist_ok=True)
    write("dev", resolve([*build, *runtime, *extras, *more["dev"]]))
    write("build", resolve(build, "dev"))
    write("runtime", resolve(runtime, "dev"))
    write("service", resolve([*runtime, *extras], "dev"))
    write("browser", resolve(more["browser"], "dev"))
    engine = [line for line in runtime if line.startswith("durable-rules")]
    write("durable-rules", resolve(engine, "dev"))


if __name__ == "__main__":
    main()
