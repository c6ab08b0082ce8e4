"""The commands about the knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wayout.cli import console, knowing, options

__all__ = ["rules"]

FINE, FAULTS, BROKEN = 0, 1, 2
# `rules index --write` renews what stands between these lines of knowledge/README.md.
BEGIN, END = "<!-- index: begin -->", "<!-- index: end -->"

rules = typer.Typer(
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@rules.callback(invoke_without_command=True)
def root(context: typer.Context) -> None:
    """Read, check and index the knowledge base."""
    console.help_without_command(context)


Gate = Annotated[
    str | None, typer.Option("--gate", metavar="GATE", help="Only the rules of one gate.")
]
Code = Annotated[
    str, typer.Argument(metavar="CODE", help="Id of a rule or symptom: NAT-002, SYM-18.")
]
Place = Annotated[
    str | None,
    typer.Argument(
        metavar="[PATH]",
        help="A knowledge folder, or a folder or rule file inside one; else the shipped one.",
        show_default=False,
    ),
]


@rules.command("list")
def list_rules(
    gate: Gate = None, output: options.DataOutput = "text", lang: options.Language = None
) -> None:
    """List all rules, one a line."""
    from wayout import engine

    known = engine.shipped_knowledge()
    chosen = [rule for rule in known.rules if gate in (None, rule.gate)]
    if not chosen:
        raise engine.QuestionError(f"there is no gate {gate!r}: {', '.join(known.rules_per_gate)}.")
    text = engine.render_rules(chosen, output, console.language(lang), console.style())
    console.emit(text)


@rules.command("symptoms")
def list_symptoms(output: options.DataOutput = "text", lang: options.Language = None) -> None:
    """List the error texts that are known, one a line."""
    from wayout import engine

    known = engine.shipped_knowledge().symptoms.values()
    look = (output, console.language(lang), console.style())
    console.emit(engine.render_symptoms(known, *look))


@rules.command()
def show(code: Code, output: options.DataOutput = "text", lang: options.Language = None) -> None:
    """Print one rule or symptom, with its sources and examples."""
    from wayout import engine

    known = engine.shipped_knowledge()
    symptom = known.symptoms.get(code.upper())
    if symptom is not None:
        look = (output, console.language(lang), console.style())
        console.emit(engine.render_symptom(known, symptom, *look))
        return
    rule = known.rule(code.upper())
    if rule is None:
        raise engine.QuestionError(
            unknown_code(code, [*(rule.id for rule in known.rules), *known.symptoms])
        )
    text = engine.render_rule(known, rule, output, console.language(lang), console.style())
    console.emit(text)


def unknown_code(code: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(code.upper(), known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "; `wayout rules list` shows all."
    return f"there is no rule {code[:60]!r}{hint}"


@rules.command()
def check(path: Place = None) -> None:
    """Check every file, and run every example.

    Exit codes: 0 fine, 1 an example fails, 2 a file cannot be used.
    """
    from wayout import engine

    checked = engine.check_rules(path)
    lines = [*checked.faults, *checked.problems]
    count = f"{checked.rules} rule{'s' if checked.rules != 1 else ''}"
    if checked.symptoms:
        count += f" and {checked.symptoms} symptom{'s' if checked.symptoms != 1 else ''}"
    count += " checked"
    console.emit("".join(f"{line}\n" for line in (*lines, f"{count}, {len(lines)} wrong")))
    raise typer.Exit(BROKEN if checked.faults else FAULTS if checked.problems else FINE)


@rules.command()
def lint(
    path: Place = None,
    cases: Annotated[
        str | None,
        typer.Option(
            "--cases", metavar="FOLDER", help="Also name the rules that fire in no case of it."
        ),
    ] = None,
) -> None:
    """Say what could be better in rules that pass the check.

    Exit codes: 0 nothing to say, 1 remarks, 2 a file cannot be used.
    """
    from wayout import engine

    linted = engine.lint_rules(path, cases)
    covered = f"{linted.rules} rules: each has an example in which it fires"
    if linted.fired is not None:
        covered += f", {linted.fired} fire in the cases"
    count = f"{len(linted.remarks)} remark{'s' if len(linted.remarks) != 1 else ''}"
    console.emit("".join(f"{line}\n" for line in (*linted.remarks, f"{covered}; {count}")))
    raise typer.Exit(FAULTS if linted.remarks else FINE)


@rules.command()
def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    knowing.schema("rule")


@rules.command()
def index(
    write: Annotated[
        bool, typer.Option("--write", help="Renew the index in knowledge/README.md.")
    ] = False,
) -> None:
    """Print the index of all rules and kinds of facts, as Markdown."""
    from wayout import engine

    known = engine.shipped_knowledge()
    text = engine.rules_index(known)
    if not write:
        console.emit(text)
        return
    readme = known.root / "README.md"
    readme.write_text(with_index(readme, text), encoding="utf-8")
    console.emit(f"{readme} holds the index of {len(known.rules)} rules\n")


def with_index(readme: Path, text: str) -> str:
    """The README with `text` between its markers; raises InputError when they are not there."""
    from wayout.engine import InputError

    content = readme.read_text(encoding="utf-8") if readme.exists() else ""
    if BEGIN not in content or END not in content:
        raise InputError(f"{readme}: it has no lines `{BEGIN}` and `{END}`.")
    before, after = content.split(BEGIN, 1)[0], content.split(END, 1)[1]
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"
