"""The style and the script of the page. Nothing of a case ever stands in them."""

from __future__ import annotations

from typing import Final

__all__ = ["SCRIPT", "STYLE"]

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2128; --soft: #57606a; --line: #d0d7de; --card: #f6f8fa;
  --link: #0550ae; --good: #116329; --good-bg: #dafbe1; --bad: #b3131d; --bad-bg: #ffebe9;
  --unsure: #7a4d00; --unsure-bg: #fff3cd; --quiet: #6e7781; --quiet-bg: #eaeef2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --ink: #e6edf3; --soft: #9ea7b3; --line: #30363d; --card: #161b22;
    --link: #79c0ff; --good: #56d364; --good-bg: #12311c; --bad: #ff8a80; --bad-bg: #4a1519;
    --unsure: #e3b341; --unsure-bg: #3a2d0b; --quiet: #9198a1; --quiet-bg: #21262d;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei",
    "Noto Sans CJK SC", "Noto Sans", sans-serif;
}
body > * { max-width: 76rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2.5rem); }
main { padding-block: 0 2rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
:target { scroll-margin-top: 1rem; }
li:target, tr:target, .fact:target, article:target, details:target > summary {
  background: var(--unsure-bg); box-shadow: 0 0 0 4px var(--unsure-bg); border-radius: 3px;
}
h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
h1 { font-size: clamp(1.15rem, 3.5vw, 1.6rem); font-weight: 600; }
h2 {
  font-size: 1.3rem; margin-block: 2.5rem 1rem; padding-bottom: .35rem;
  border-bottom: 1px solid var(--line);
}
h3 { font-size: 1.05rem; }
h4 { font-size: .95rem; margin-block: 1.25rem .4rem; }
p { margin-block: .5rem; max-width: 90ch; }
small, .quiet { color: var(--soft); }
ul, ol { padding-left: 1.4rem; margin-block: .5rem; }
li { margin-block: .25rem; }
li > p { margin-block: .1rem .5rem; }
pre, code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace; }
code { font-size: .88em; }
pre {
  margin: 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--card); white-space: pre-wrap; user-select: all; line-height: 1.45;
}
pre code { font-size: .85rem; }
.skip { position: absolute; left: -200vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; z-index: 1; }
header { padding-block: 2rem .5rem; }
header .lead { font-size: 1.1rem; }
.verdict, .tag {
  display: inline-block; border-radius: 999px; padding: .05em .7em; font-weight: 600;
  border: 1px solid currentcolor; white-space: nowrap;
}
p > .tag:first-child { margin-left: 0; }
.verdict { margin-bottom: .75rem; padding: .2em .9em; letter-spacing: .03em; }
.tag { font-size: .75rem; font-weight: 500; margin-left: .4rem; vertical-align: .1em; }
.good { color: var(--good); background: var(--good-bg); }
.bad { color: var(--bad); background: var(--bad-bg); }
.unsure { color: var(--unsure); background: var(--unsure-bg); }
.none { color: var(--quiet); background: var(--quiet-bg); }
nav { padding-block: .75rem; font-size: .92rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; padding: 0; }

.path { list-style: none; padding: 0; margin: 0; }
.path li { position: relative; min-width: 0; padding-block: .4rem; margin: 0; }
.path a, .path .end {
  display: grid; grid-template-columns: 2.25rem 1fr auto; gap: .75rem; align-items: center;
}
.path li::before {
  content: ""; position: absolute; left: calc(1.125rem - 1.5px); top: 0; bottom: 0; width: 0;
  border-left: 3px solid var(--good);
}
.path li:first-child::before { top: 50%; }
.path li:last-child::before { bottom: 50%; }
.path .beyond::before { border-left: 3px dashed var(--line); }
.path .doubt::before { border-left: 3px dashed var(--unsure); }
.path .stops::before { bottom: 50%; }
.path .stops::after {
  content: ""; position: absolute; left: calc(1.125rem - 1.5px); top: 50%; bottom: 0;
  border-left: 3px dashed var(--line);
}
.path a { color: inherit; text-decoration: none; }
.path a:hover .name { text-decoration: underline; }
.path .dot {
  width: 2.25rem; height: 2.25rem; border-radius: 50%; border: 2px solid currentcolor;
  display: grid; place-items: center; font-weight: 700; position: relative; z-index: 1;
}
.path .end .dot { color: var(--ink); background: var(--paper); }
.path .bad .dot { box-shadow: 0 0 0 4px var(--bad-bg); }
.path .bad .name { font-weight: 700; }
.path li.none .dot { transform: scale(.62); }
.path li.unsure .dot { border-style: dashed; }
.path li.good, .path li.bad, .path li.unsure, .path li.none { background: none; color: inherit; }
.path .good .dot, .path .good .state { color: var(--good); }
.path .bad .dot, .path .bad .state { color: var(--bad); }
.path .unsure .dot, .path .unsure .state { color: var(--unsure); }
.path .none .dot, .path .none .state { color: var(--quiet); }
.path .good .dot { background: var(--good-bg); }
.path .bad .dot { background: var(--bad-bg); }
.path .unsure .dot { background: var(--unsure-bg); }
.path .none .dot { background: var(--quiet-bg); }
.path .state { font-size: .85rem; white-space: nowrap; }
@media (min-width: 68rem) {
  .path { display: flex; }
  .path li { flex: 1 1 0; padding: 0 .15rem; overflow-wrap: normal; font-size: .8rem; }
  .path li:first-child, .path li:last-child { flex-grow: 1.7; }
  .path a, .path .end {
    grid-template-columns: 1fr; justify-items: center; text-align: center; gap: .35rem;
    align-content: start;
  }
  .path li::before, .path .stops::after {
    left: 0; right: 0; top: calc(1.125rem - 1.5px); bottom: auto; width: auto;
    border-left: 0; border-top: 3px solid var(--good);
  }
  .path li:first-child::before { top: calc(1.125rem - 1.5px); left: 50%; }
  .path li:last-child::before { bottom: auto; right: 50%; }
  .path .beyond::before { border-left: 0; border-top: 3px dashed var(--line); }
  .path .doubt::before { border-left: 0; border-top: 3px dashed var(--unsure); }
  .path .stops::before { bottom: auto; right: 50%; }
  .path .stops::after { left: 50%; border-left: 0; border-top: 3px dashed var(--line); }
  .path .end .name { overflow-wrap: anywhere; }
  .path .state { font-size: .78rem; white-space: normal; }
}
.gates { margin-top: 1.75rem; }
.gates > details > summary {
  display: grid; grid-template-columns: .8rem 11rem 6.5rem 1fr; gap: .75rem;
}
.gates > details > summary::before { content: "▸"; color: var(--soft); }
.gates > details[open] > summary::before { content: "▾"; }
.gates > details > .body { padding-left: 1.55rem; }
.gates .state { font-weight: 600; }
.gates .good, .gates .bad, .gates .unsure, .gates .none { background: none; }
@media (max-width: 45rem) {
  .gates > details > summary { grid-template-columns: .8rem 1fr auto; }
  .gates > details > summary .reason { grid-column: 2 / -1; }
}
details { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding-block: .5rem; }
.gates summary { list-style: none; }
.gates summary::-webkit-details-marker { display: none; }
details > .body { padding: .25rem 0 1rem 1rem; }
article {
  border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: 6px;
  padding: 1rem 1.25rem; margin-block: 1rem;
}
article.bad { border-left-color: var(--bad); }
article.unsure { border-left-color: var(--unsure); }
article.good { border-left-color: var(--good); }
article.good, article.bad, article.unsure { background: none; color: inherit; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .35rem 1.25rem; }
dl { margin-block: .75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
dd > ul { margin: 0; padding-left: 1.1rem; }
@media (max-width: 45rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
.command {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .5rem; align-items: start;
  margin-block: .25rem .75rem;
}
.command pre { grid-column: 1; }
.command button:not([hidden]) {
  font: inherit; font-size: .8rem; cursor: pointer; min-height: 2.2rem; padding: .25rem .8rem;
  border: 1px solid var(--line); border-radius: 5px; background: var(--paper); color: var(--ink);
}
@media (max-width: 45rem) {
  .command { grid-template-columns: minmax(0, 1fr); }
  .command button { justify-self: start; }
}
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
.codes { list-style: none; padding: 0; }
.codes > li { padding-block: .2rem; }
.id { font-weight: 600; font-size: .9em; white-space: nowrap; }
.tree, .tree ul { list-style: none; padding-left: 1.1rem; margin-block: .15rem; }
.tree ul { border-left: 1px solid var(--line); }
.tree { padding-left: 0; }
.tree details { border: 0; }
.tree summary { padding-block: .15rem; }
.tree .fact code { color: var(--soft); }
.tree .place { color: var(--soft); font-size: .9em; }
.tree .absence { font-style: italic; }
:lang(zh) .tree .absence { font-style: normal; }
.tree .source { font-size: .85em; color: var(--soft); }
footer { color: var(--soft); font-size: .85rem; padding-block: 1.5rem 3rem; }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --card: #fff;
    --link: #000; --good: #116329; --bad: #b3131d; --unsure: #7a4d00; --quiet: #555; }
  body { font-size: 9.5pt; line-height: 1.4; }
  .tree { font-size: 8pt; line-height: 1.3; }
  .tree li { margin-block: .1rem; }
  h2 { margin-block: 1.5rem .6rem; }
  body > * { max-width: none; padding-inline: 0; }
  nav, .skip, .command button, .jump { display: none; }
  article, .command, tr, .tree > li > .fact { break-inside: avoid; }
  h2, h3, h4, summary { break-after: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
}
"""

# Comfort only: copy buttons, opening what a link leads into, and everything for print. A page that
# shows answers as a part of its own loads it once and calls `enliven` for each of them.
SCRIPT: Final = """
"use strict";
function enliven(part) {
  for (const button of part.querySelectorAll(".command button")) button.hidden = false;
}
async function copyFrom(button) {
  const code = button.parentElement.querySelector("code");
  button.dataset.label ??= button.textContent;
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = button.dataset.failed;
  }
  setTimeout(() => { button.textContent = button.dataset.label; }, 2000);
}
function reveal() {
  const place = document.getElementById(location.hash.slice(1));
  if (!place) return;
  for (let up = place; up; up = up.parentElement) if (up.localName === "details") up.open = true;
  place.scrollIntoView();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest(".command button");
  if (button) copyFrom(button);
  if (event.target.closest("a[href^='#']")) setTimeout(reveal);
});
addEventListener("hashchange", reveal);
addEventListener("beforeprint", () => {
  for (const closed of document.querySelectorAll("details:not([open])")) closed.open = true;
});
enliven(document);
reveal();
"""
