// Comfort only: copy buttons, opening what a link leads into, and everything for print. A page that
// shows answers as a part of its own loads it once and calls `enliven` for each of them.
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
