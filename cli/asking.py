"""The command `ask`: a consultation in the terminal, one question at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from wayout.cli import console, options
from wayout.cli.diagnosing import CODES

if TYPE_CHECKING:
    from wayout.engine import Answer, Case, Lang, NextQuestion, Question

__all__ = ["ask"]

Save = Annotated[
    Path | None,
    typer.Option(
        "--save",
        metavar="PATH",
        help="Write what was told to a case file; give it with -f beside the documents to go on.",
    ),
]
HELP = {
    "en": "Reply with the number of a choice, a value, @PATH of a document, or ? for don't know.\n"
    "Also: why, how [GATE or CODE], history, undo, save PATH, quit.\n",
    "zh": "请输入选项编号、具体的值、@文档路径，或 ? 表示不知道。\n"
    "其他命令：why（为何提问）、how [环节或编号]（结论依据）、history、undo、save 路径、quit。\n",
}


def ask(
    pod: options.Pod = None,
    to: options.Destination = None,
    file: options.Files = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    namespace: options.Namespace = None,
    lang: options.Language = None,
    error: options.Errors = None,
    save: Save = None,
) -> None:
    """Ask for the missing fact that decides most, until all is decided.

    Exit codes: 0 reachable, 1 blocked, 2 bad usage or input, 3 unknown.

    Example: wayout ask shop/api-0 --to 203.0.113.10:443
    """
    from wayout import engine

    if save is not None:
        check_place(save)
    case = engine.Case.load(*file or (), *options.seen(error or ()))
    question = options.partial_question(case, pod, namespace, to, protocol, port)
    talk = Talk(case, question, console.language(lang))
    answer = talk.run()
    if save is not None:
        talk.write(save)
    if answer.next_question is not None and answer.next_question.id.startswith("question/"):
        console.emit(answer.summary.pick(talk.lang) + "\n")  # left before anything was named
    else:
        console.emit(engine.render(answer, "text", talk.lang, console.style()))
    raise typer.Exit(CODES[answer.verdict])


def check_place(path: Path) -> None:
    """Raises InputError where nothing can be saved: before the conversation, not behind it."""
    from wayout.engine import InputError

    if path.is_dir():
        raise InputError(f"{path}: cannot be written (it is a folder).")
    if not path.parent.is_dir():
        raise InputError(f"{path}: cannot be written (there is no folder {path.parent}).")


class Step(NamedTuple):
    """One reply: question and reply in words, the documents that say so, what was asked before."""

    words: str
    documents: tuple[Any, ...]
    asked_before: Question | None


class Talk:
    """One consultation: the documents it began with, and every reply as a document of its own."""

    def __init__(self, case: Case, question: Question | None, lang: Lang) -> None:
        self.start = case
        self.asked = question
        self.lang = lang
        self.told: list[Step] = []

    def run(self) -> Answer:
        """Asks until nothing is left to ask or the person leaves; the answer then."""
        from wayout import engine

        while True:
            case, question = self.now()
            answer = engine.assess(case, question)
            asking = answer.next_question
            if asking is None:
                return answer
            number = len(self.told) + 1
            console.emit(engine.render_question(asking, self.lang, number))
            if not self.turn(answer, asking):
                return answer

    def now(self) -> tuple[Case, Question | None]:
        """The case and the question with everything that was told."""
        from wayout.engine import Case

        if not self.told:
            return self.start, self.asked
        kept = (document for step in self.told for document in step.documents)
        return Case.load(self.start, *kept, question=self.asked), self.asked

    def turn(self, answer: Answer, asking: NextQuestion) -> bool:
        """Reads lines until one is a reply; False when the person leaves."""
        from wayout.engine import WayoutError

        commands: dict[str, Callable[[str], None]] = {
            "why": lambda _: self.say_why(asking),
            "how": lambda rest: self.say_how(answer, rest),
            "history": lambda _: self.say_history(),
            "help": lambda _: console.emit(HELP[self.lang]),
            "save": lambda rest: self.write(Path(rest or "case.yaml")),
        }
        while True:
            console.emit("> ")
            line = sys.stdin.readline()
            if not line:
                console.emit("\n")  # the end of the input leaves the prompt on a line of its own
            word, _, rest = line.strip().partition(" ")
            if not line or word in ("quit", "exit"):
                return False
            if word == "undo":
                self.undo()
                return True
            try:
                if word in commands:
                    commands[word](rest.strip())
                elif line.strip():
                    self.take(asking, line.strip())
                    return True
            except WayoutError as error:
                console.tell(str(error))

    def take(self, asking: NextQuestion, text: str) -> None:
        """Keeps a reply; raises WayoutError for one that the question does not take."""
        from wayout import engine

        case, question = self.now()
        value = reply_of(asking, text)
        asked_before = self.asked
        if text.startswith("@"):
            engine.Case.load(text[1:])  # what cannot be read is told before it is kept
            documents: tuple[Any, ...] = (text[1:], engine.handed_over(asking.id))
        else:
            try:
                document = engine.reply_document(case, asking.id, value, question)
            except engine.QuestionError:
                if asking.value_form or value in (reply.id for reply in asking.replies):
                    raise
                raise engine.QuestionError(what_fits(asking, self.lang)) from None
            documents = (document,)
            if "question" in document:
                self.asked = engine.reply(case, asking.id, value, question).question
                documents = ()
        words = f"{asking.text.pick(self.lang)} {text}"
        self.told.append(Step(words, documents, asked_before))

    def undo(self) -> None:
        if self.told:
            self.asked = self.told.pop().asked_before

    def say_why(self, asking: NextQuestion) -> None:
        from wayout import engine

        console.emit(engine.render_why(asking, self.lang))

    def say_how(self, answer: Answer, topic: str) -> None:
        from wayout import engine

        look = console.style()
        console.emit(engine.render_explanation(answer, topic or None, "text", self.lang, look))

    def say_history(self) -> None:
        lines = [f"{number}. {step.words}\n" for number, step in enumerate(self.told, start=1)]
        console.emit("".join(lines))

    def write(self, path: Path) -> None:
        """A case file with everything that was told; raises InputError."""
        from wayout import engine

        kept = (document for step in self.told for document in step.documents)
        documents = [document for document in kept if isinstance(document, dict)]
        text = engine.replies_as_case_file(documents, self.now()[1])
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise engine.InputError(f"{path}: cannot be written ({error.strerror}).") from None


def reply_of(asking: NextQuestion, text: str) -> str:
    """What a typed line means: the number of a choice, "don't know", or a value."""
    if text == "?":
        return "unknown"
    if text.isascii() and text.isdigit() and 0 < int(text[:3]) <= len(asking.replies):
        return asking.replies[int(text) - 1].id
    return text


def what_fits(asking: NextQuestion, lang: Lang) -> str:
    """What can be typed where only the replies shown, or a document, are taken."""
    count = len(asking.replies)
    if lang == "zh":
        number = f"选项编号（1 到 {count}）、" if count > 1 else "选项编号 1、" if count else ""
        return f"请输入{number}@文档路径，或 ? 表示不知道。"
    number = f"a number from 1 to {count}, " if count > 1 else "1, " if count else ""
    return f"reply with {number}@PATH of a document, or ? for don't know."
