// The page of the service. Every value of a case reaches the page as text, never as markup.
"use strict";

const WORDS = {
  en: {
    tagline: "Can this pod reach that destination and, if not, what stops it?",
    pod: "Pod (namespace/name)", to: "Destination", error: "Error text (optional)",
    files: "Documents: drop or choose files (kubectl … -o yaml, aliyun … answers)",
    token: "Access token", go: "Diagnose", restart: "Start again", remove: "Remove",
    working: "Working …", offline: "The service does not answer.",
    verdicts: { reachable: "REACHABLE", blocked: "BLOCKED", unknown: "UNKNOWN" },
    status: { passes: "passes", blocks: "blocks", unknown: "unknown", "not-applicable": "n/a" },
    path: "Path", findings: "Findings", fixes: "Fixes", sees: "Source address", lacks: "What lacks",
    assumed: "Assumptions", possible: "possible", primary: "primary", why: "Why this is asked",
    proof: "Proof", copy: "Copy", copied: "Copied", dontKnow: "Don't know", send: "Send",
    effects: "Side effects", undo: "Undo", question: "Next question", plan: "Together",
    hops: { pod: "in the pod", vpc: "in the VPC", internet: "on the Internet", "peer-network": "in the peer network", destination: "at the destination" },
    forms: { address: "an IP address", addresses: "IP addresses, divided by commas", cidr: "a CIDR block",
      id: "an id", ids: "ids, divided by commas", port: "a port", text: "text" },
  },
  zh: {
    tagline: "这个 Pod 能否访问该目标？如果不能，是什么阻断了它？",
    pod: "Pod（命名空间/名称）", to: "目标", error: "报错信息（可选）",
    files: "文档：拖入或选择文件（kubectl … -o yaml、aliyun … 的返回结果）",
    token: "访问令牌", go: "诊断", restart: "重新开始", remove: "移除",
    working: "正在诊断……", offline: "服务没有响应。",
    verdicts: { reachable: "可以访问", blocked: "无法访问", unknown: "无法判定" },
    status: { passes: "通过", blocks: "阻断", unknown: "未知", "not-applicable": "不适用" },
    path: "路径", findings: "问题", fixes: "修复方案", sees: "源地址", lacks: "缺少的信息",
    assumed: "假设", possible: "可能", primary: "首要", why: "为何提问",
    proof: "依据", copy: "复制", copied: "已复制", dontKnow: "不知道", send: "提交",
    effects: "副作用", undo: "回滚", question: "下一个问题", plan: "一并应用",
    hops: { pod: "Pod 内", vpc: "VPC 内", internet: "公网", "peer-network": "对端网络", destination: "目标侧" },
    forms: { address: "IP 地址", addresses: "IP 地址（多个用逗号分隔）", cidr: "网段",
      id: "资源 ID", ids: "资源 ID（多个用逗号分隔）", port: "端口", text: "文字" },
  },
};
const MARKS = { passes: "✓", blocks: "✗", unknown: "?", "not-applicable": "–" };
const LIMIT = 32 * 1024 * 1024;

const state = { lang: navigator.language.startsWith("zh") ? "zh" : "en", files: [], documents: [], answer: null };
const by = (id) => document.getElementById(id);
const words = () => WORDS[state.lang];
const pick = (text) => (text ? text[state.lang] : "");

// An element with attributes, listeners (functions) and children; strings become text nodes.
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== ""));
  return made;
}

function body() {
  const error = by("error").value.trim();
  return {
    question: { pod: by("pod").value.trim(), to: by("to").value.trim() },
    files: state.files, documents: state.documents, errors: error ? [error] : [],
  };
}

async function call(verb, extra) {
  const headers = { "Content-Type": "application/json" };
  if (by("token").value) headers.Authorization = `Bearer ${by("token").value}`;
  const request = { method: "POST", headers, body: JSON.stringify({ ...body(), ...extra }) };
  let response;
  try {
    response = await fetch(`v1/${verb}`, request);
  } catch {
    throw new Error(words().offline);
  }
  if (response.status === 401) by("token-part").hidden = false;
  const data = await response.json();
  if (!response.ok) throw new Error(data.error || String(response.status));
  return data;
}

async function working(action) {
  const go = by("go");
  by("problem").hidden = true;
  go.disabled = true;
  go.textContent = words().working;
  try {
    await action();
  } catch (error) {
    by("problem").textContent = error.message;
    by("problem").hidden = false;
  } finally {
    go.disabled = false;
    go.textContent = words().go;
  }
}

const assess = () => working(async () => { show(await call("assess", {})); });

const reply = (id, value) => working(async () => {
  const data = await call("reply", { question_id: id, value });
  state.documents.push(data.document);
  by("pod").value = data.question.pod;
  by("to").value = data.question.to;
  show(data.answer);
});

// ── The answer ──────────────────────────────────────────────────────────────────────────────

function show(answer) {
  state.answer = answer;
  const w = words();
  const place = by("answer");
  place.replaceChildren(
    el("p", {}, el("span", { class: `verdict ${answer.verdict}` }, w.verdicts[answer.verdict])),
    el("p", {}, pick(answer.summary)),
    ...section(answer.next_question ? [question(answer.next_question)] : []),
    ...section([el("ol", { class: "path" }, answer.gates.map(gate))], w.path),
    ...section(answer.findings.map(finding), w.findings),
    ...section([...(answer.plan ? [el("p", {}, `${w.plan}: ${answer.plan.fixes.join(", ")}. ${pick(answer.plan.text)}`)] : []),
      ...answer.fixes.map(fix)], w.fixes),
    ...section(answer.ledger.length ? [el("dl", {}, answer.ledger.map((line) => [
      el("dt", {}, w.hops[line.hop] || line.hop), el("dd", {}, `${line.address} ${line.via ? `(${line.via})` : ""}`)]))] : [], w.sees),
    ...section(answer.not_assessed.map(need), w.lacks),
    ...section(answer.assumptions.length ? [el("ul", {}, answer.assumptions.map((s) => el("li", {}, pick(s.text))))] : [], w.assumed),
    el("p", { class: "quiet" }, `wayout ${answer.provenance.engine_version} · ${answer.provenance.knowledge_version} · ${answer.provenance.facts_digest.slice(0, 12)}`),
  );
  place.hidden = false;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}

const section = (parts, title) => (parts.length ? [...(title ? [el("h2", {}, title)] : []), ...parts] : []);

function gate(item) {
  return el("li", { class: item.status, "data-mark": MARKS[item.status], "data-gate": item.gate },
    el("b", {}, pick(item.title)), el("span", { class: item.status }, words().status[item.status]),
    el("div", {}, pick(item.reason)));
}

function finding(item) {
  const w = words();
  const marks = [item.is_primary ? w.primary : "", item.certainty === "possible" ? w.possible : ""].filter(Boolean);
  const proof = el("div", {});
  return el("article", { class: item.status, "data-code": item.code },
    el("h3", {}, `${item.code} ${pick(item.title)}${marks.length ? ` (${marks.join(", ")})` : ""}`),
    el("p", {}, pick(item.text)),
    item.near_misses.length ? el("ul", {}, item.near_misses.map((miss) => el("li", {}, pick(miss.text)))) : null,
    el("details", { toggle: (event) => prove(event, item.code, proof) }, el("summary", {}, w.proof), proof));
}

async function prove(event, topic, place) {
  if (!event.target.open || place.childElementCount) return;
  await working(async () => {
    const data = await call("explain", { topic, format: "text", lang: state.lang });
    place.replaceChildren(el("pre", {}, data.text));
  });
}

function fix(item) {
  const w = words();
  const change = item.change;
  const code = [change.yaml, change.kubectl, change.aliyun].filter(Boolean).join("\n").trim();
  return el("article", { "data-fix": item.id },
    el("h3", {}, `${pick(item.title)} (${item.id})`),
    el("p", {}, pick(item.why)), el("p", { class: "quiet" }, pick(item.verified.text)),
    code ? el("pre", {}, code) : null,
    code ? el("button", { type: "button", click: (event) => copy(event.target, code) }, w.copy) : null,
    change.console ? el("p", {}, pick(change.console)) : null,
    el("p", { class: "quiet" }, `${w.effects}: ${pick(item.side_effects)}`),
    el("details", {}, el("summary", {}, w.undo), el("pre", {}, pick(item.rollback).trim())));
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = words().copied;
  } catch {
    button.previousElementSibling.focus();
  }
}

function need(item) {
  const commands = [item.kubectl, item.aliyun].filter(Boolean).join("\n").trim();
  return el("article", {}, el("h3", {}, pick(item.text)), commands ? el("pre", {}, commands) : null,
    item.console ? el("p", {}, pick(item.console)) : null);
}

function question(item) {
  const w = words();
  const value = el("input", { maxlength: 4096, "aria-label": w.forms[item.value_form] || "", placeholder: w.forms[item.value_form] || "" });
  return el("div", { class: "question", "data-question": item.id },
    el("h3", {}, `${w.question}: ${pick(item.text)}`),
    el("div", { class: "choices" },
      item.replies.map((option) => el("button", { type: "button", title: pick(option.effect), "data-reply": option.id, click: () => reply(item.id, option.id) }, pick(option.text))),
      item.how ? el("button", { type: "button", "data-reply": "unknown", click: () => reply(item.id, "unknown") }, w.dontKnow) : null),
    item.value_form ? el("form", { submit: (event) => { event.preventDefault(); reply(item.id, value.value); } }, value,
      el("button", { type: "submit" }, w.send)) : null,
    el("details", {}, el("summary", {}, w.why), el("p", {}, pick(item.why)),
      el("ul", {}, item.replies.map((option) => el("li", {}, `${pick(option.text)}: ${pick(option.effect)}`))),
      item.how ? need(item.how) : null));
}

// ── What is given ───────────────────────────────────────────────────────────────────────────

async function take(list) {
  for (const file of list) {
    if (file.size > LIMIT) continue;
    const name = file.name;
    state.files = state.files.filter((known) => known.name !== name);
    state.files.push({ name, text: await file.text() });
  }
  listFiles();
}

function listFiles() {
  by("given").replaceChildren(...state.files.map((file) => el("li", {}, `${file.name} `,
    el("button", { type: "button", click: () => { state.files = state.files.filter((known) => known !== file); listFiles(); } }, words().remove))));
}

function speak(lang) {
  state.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = words()[part.dataset.text];
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  listFiles();
  if (state.answer) show(state.answer);
}

for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => speak(button.dataset.lang));
by("ask").addEventListener("submit", (event) => { event.preventDefault(); assess(); });
by("restart").addEventListener("click", () => {
  Object.assign(state, { files: [], documents: [], answer: null });
  by("ask").reset();
  by("answer").hidden = true;
  listFiles();
});
by("files").addEventListener("change", (event) => take(event.target.files));
for (const name of ["dragover", "dragleave", "drop"]) {
  by("drop").addEventListener(name, (event) => {
    event.preventDefault();
    by("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") take(event.dataTransfer.files);
  });
}
speak(state.lang);
