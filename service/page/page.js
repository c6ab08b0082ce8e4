// The page of the service: takes what is known, shows the answer, and hands replies back. The
// answer comes as the page that `-o html` writes, so that both say and look the same; everything
// else reaches the page as text, never as markup.
"use strict";

const WORDS = {
  en: {
    tagline: "Can this pod reach that destination and, if not, what stops it?",
    pod: "Pod (namespace/name)", to: "Destination", protocol: "Protocol",
    error: "Error text", errorHint: "What the application or curl printed. It is enough to begin with.",
    files: "Documents", choose: "Choose files",
    filesHint: "What kubectl … -o yaml and aliyun … printed. Files and folders can be dropped anywhere on this page.",
    remove: "Remove {}", token: "Access token", tokenWanted: "This service wants an access token.",
    go: "Diagnose", working: "Working …", restart: "Start again",
    offline: "The service does not answer.", failed: "The service failed ({}).",
    large: "{} is larger than 32 MB and was left out.", unread: "{} cannot be read.",
    told: "Replies so far", dontKnow: "Don't know", reply: "Your reply", send: "Send",
  },
  zh: {
    tagline: "这个 Pod 能否访问该目标？如果不能，是什么阻断了它？",
    pod: "Pod（命名空间/名称）", to: "目标", protocol: "协议",
    error: "报错信息", errorHint: "应用或 curl 输出的报错原文。只有报错也可以开始诊断。",
    files: "文档", choose: "选择文件",
    filesHint: "kubectl … -o yaml 和 aliyun … 的输出结果。文件和文件夹可以拖到页面的任意位置。",
    remove: "移除 {}", token: "访问令牌", tokenWanted: "该服务需要访问令牌。",
    go: "诊断", working: "正在诊断……", restart: "重新开始",
    offline: "服务没有响应。", failed: "服务出错（{}）。",
    large: "{} 超过 32 MB，未被采用。", unread: "无法读取 {}。",
    told: "已作答复", dontKnow: "不知道", reply: "您的答复", send: "提交",
  },
};
const LIMIT = 32 * 1024 * 1024;
const MOST_FILES = 2000;
const DOCUMENT = /\.(json|ya?ml)$/i; // what is taken from a folder
const UNNAMED = { pod: "unnamed/unnamed", to: "unnamed.invalid" }; // what nobody has told yet

// `told` are the replies given: {text, reply, document}. `kept` is the question a reply completed.
const state = {
  lang: navigator.language.startsWith("zh") ? "zh" : "en",
  files: [], told: [], kept: null, report: null, isBusy: false,
};
const by = (id) => document.getElementById(id);
const say = (word, value = "") => WORDS[state.lang][word].replace("{}", () => value);
const pick = (text) => text[state.lang];

// An element with attributes, listeners (functions) and children; strings become text nodes.
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null));
  return made;
}

// ── The service ─────────────────────────────────────────────────────────────────────────────

function question() {
  const [pod, to] = [by("pod").value.trim(), by("to").value.trim()];
  if (!pod && !to) return null; // the files may ask it, or the service does
  const asked = { pod: pod || UNNAMED.pod, to: to || UNNAMED.to, protocol: by("protocol").value };
  const isKept = state.kept && Object.keys(asked).every((name) => asked[name] === state.kept[name]);
  return isKept ? state.kept : asked;
}

function known() {
  const error = by("error").value.trim();
  return {
    question: question(), files: state.files, errors: error ? [error] : [],
    documents: state.told.map((reply) => reply.document),
  };
}

async function call(verb, more) {
  const headers = { "Content-Type": "application/json" };
  if (by("token").value) headers.Authorization = `Bearer ${by("token").value}`;
  const request = { method: "POST", headers, body: JSON.stringify({ ...known(), ...more }) };
  const response = await fetch(`v1/${verb}`, request).catch(() => { throw new Error(say("offline")); });
  if (response.status === 401) {
    by("token-part").hidden = false;
    by("token").focus();
    throw new Error(say("tokenWanted"));
  }
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error || say("failed", String(response.status)));
  return data;
}

// One thing at a time; what goes wrong is said, and the last answer stays.
async function working(action) {
  if (state.isBusy) return;
  state.isBusy = true;
  by("problem").hidden = true;
  document.body.setAttribute("aria-busy", "true");
  by("go").textContent = by("status").textContent = say("working");
  try {
    await action();
  } catch (error) {
    by("status").textContent = "";
    complain(error.message);
  } finally {
    state.isBusy = false;
    document.body.removeAttribute("aria-busy");
    by("go").textContent = say("go");
  }
}

function complain(...sentences) {
  by("problem").textContent = sentences.join(" ");
  by("problem").hidden = sentences.length === 0;
}

async function refresh(hasFocus = true) {
  state.report = await call("report", { format: "html", part: true, lang: state.lang });
  show(state.report);
  if (!hasFocus) return;
  by("answer").focus({ preventScroll: true });
  by("answer").scrollIntoView();
}

const reply = (asked, value, shown) => working(async () => {
  const told = await call("reply", { question_id: asked.id, value });
  if (asked.id.startsWith("question/")) {
    state.kept = told.question;
    for (const name of ["pod", "to"]) by(name).value = told.question[name] === UNNAMED[name] ? "" : told.question[name];
    by("protocol").value = told.question.protocol;
  } else {
    state.told.push({ text: asked.text, reply: shown, document: told.document });
  }
  await refresh();
});

// ── The answer ──────────────────────────────────────────────────────────────────────────────

function show(report) {
  const made = new DOMParser().parseFromString(report.text, "text/html").body.firstElementChild;
  const [head, contents, main, foot] = ["header", "nav", "main", "footer"].map((tag) => made.querySelector(tag));
  const asked = el("h2", { id: "asked" }, head.querySelector("h1").textContent);
  head.querySelector("h1").replaceWith(asked); // this page has an h1 already
  const next = report.next_question;
  // As long as nobody knows what is asked there is no path to show, only what the errors say.
  const isUnnamed = next !== null && next.id.startsWith("question/");
  const parts = isUnnamed
    ? [...main.children].filter((section) => ["question", "symptoms"].includes(section.id))
    : [head, ...toldSoFar(), contents, ...main.children];
  by("answer").replaceChildren(...parts, foot);
  for (const link of by("answer").querySelectorAll("a[href^='#']")) {
    if (!by(link.hash.slice(1))) link.remove(); // it leads to what is not shown
  }
  by("answer").setAttribute("aria-labelledby", isUnnamed ? "question-title" : "asked");
  if (next !== null) offer(next);
  enliven(by("answer")); // answer.js
  by("answer").hidden = false;
  by("status").textContent = pick(isUnnamed ? next.text : report.summary);
}

function toldSoFar() {
  if (!state.told.length) return [];
  const drop = (one) => working(async () => {
    state.told = state.told.filter((other) => other !== one);
    await refresh();
  });
  const lines = state.told.map((one) => el("li", {},
    el("span", {}, `${pick(one.text)} `, el("strong", {}, pick(one.reply))),
    remover(pick(one.text), () => drop(one))));
  return [el("section", { "aria-labelledby": "told-title" },
    el("h2", { id: "told-title" }, say("told")), el("ul", { class: "told" }, lines))];
}

const remover = (name, click) => el("button", { type: "button", "aria-label": say("remove", name), click }, "✕");

// Makes the replies that the answer lists into buttons, and adds those that need none of it.
function offer(next) {
  const words = (en, zh) => ({ en, zh });
  const choice = (id, text) => el("button", { type: "button", "data-reply": id, click: () => reply(next, id, text) }, pick(text));
  const unknown = words(WORDS.en.dontKnow, WORDS.zh.dontKnow);
  const form = by("value-form"); // what the answer says of its form
  const input = el("input", {
    id: "value", maxlength: "4096", "aria-label": say("reply"), spellcheck: "false",
    "aria-describedby": form && form.id, placeholder: form && form.textContent,
  });
  const send = (event) => {
    event.preventDefault();
    const value = input.value.trim();
    if (value) reply(next, value, words(value, value));
    else input.focus();
  };
  const heading = by("question").querySelector("h3");
  heading.after(el("div", { class: "choices" },
    next.replies.map((option) => choice(option.id, option.text)),
    next.value_form ? el("form", { submit: send }, input, el("button", { type: "submit" }, say("send"))) : null,
    next.how ? choice("unknown", unknown) : null));
}

// ── What is given ───────────────────────────────────────────────────────────────────────────

async function take(found) {
  const problems = [];
  for (const [name, file] of found) {
    if (file.size > LIMIT) {
      problems.push(say("large", name));
      continue;
    }
    try {
      const text = await file.text();
      state.files = [...state.files.filter((one) => one.name !== name), { name, text }];
    } catch {
      problems.push(say("unread", name));
    }
  }
  complain(...problems);
  listFiles();
}

// The files of what was dropped, as [name, file]; folders are looked into.
async function dropped(entries) {
  const found = [];
  while (entries.length && found.length < MOST_FILES) {
    const entry = entries.shift();
    if (entry.isDirectory) entries.push(...(await inside(entry)));
    else found.push([entry.fullPath.slice(1), await new Promise((done, fail) => entry.file(done, fail))]);
  }
  return found;
}

async function inside(folder) {
  const reader = folder.createReader();
  const read = () => new Promise((done, fail) => reader.readEntries(done, fail));
  const found = [];
  for (let some = await read(); some.length && found.length < MOST_FILES; some = await read()) found.push(...some);
  return found.filter((entry) => entry.isDirectory || DOCUMENT.test(entry.name));
}

function listFiles() {
  by("given").replaceChildren(...state.files.map((file) => el("li", {}, file.name,
    remover(file.name, () => {
      state.files = state.files.filter((one) => one !== file);
      listFiles();
      by("files").focus();
    }))));
}

function speak(lang) {
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = say(part.dataset.text);
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  listFiles();
  if (state.report) working(() => refresh(false));
}

for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => speak(button.dataset.lang));
by("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  working(refresh);
});
by("restart").addEventListener("click", () => {
  Object.assign(state, { files: [], told: [], kept: null, report: null });
  by("ask").reset();
  by("answer").hidden = true;
  by("answer").replaceChildren();
  by("status").textContent = "";
  complain();
  listFiles();
  by("pod").focus();
});
by("files").addEventListener("change", async (event) => {
  await take([...event.target.files].map((file) => [file.name, file]));
  event.target.value = ""; // the list below says what was taken; the same file may come again
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragover");
    if (name !== "drop") return;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    dropped(entries).then(take, (error) => complain(error.message));
  });
}
speak(state.lang);
