/* Behaviour of the console. Every page works without it; this makes it quick. No framework, nothing inline.
   data-swap="#id"   link or form: fetch, then replace that region only (Back works; focus and menus survive)
   data-auto         form that submits itself when something in it changes
   data-dialog="id"  opens that <dialog>; data-close closes the one around it
   data-peek         link whose target is shown in a small panel beside it
   data-live="form"  #preview drawn anew (act=preview) while somebody types in that form
   data-poll="ms"    region that fetches itself again; see below for the rest */
"use strict";
const $ = (s, root = document) => root.querySelector(s);
const $$ = (s, root = document) => [...root.querySelectorAll(s)];
const on = (type, selector, run) => document.addEventListener(type, (e) => {
  const el = e.target instanceof Element ? e.target.closest(selector) : null;
  if (el) run(e, el);
});
const plain = (e) => e.button === 0 && !e.metaKey && !e.ctrlKey && !e.shiftKey && !e.altKey;

/* ---- fetch and swap ---- */
let latest = null;
async function page(url, options = {}, region = "") {
  const slow = setTimeout(() => document.documentElement.classList.add("busy"), 200);
  try {
    const res = await fetch(url, { credentials: "same-origin", ...options, headers: { "X-Swap": region, Accept: "text/html", ...options.headers } });
    const html = (res.headers.get("content-type") || "").includes("html");
    return { res, doc: html ? new DOMParser().parseFromString(await res.text(), "text/html") : null };
  } finally {
    clearTimeout(slow);
    document.documentElement.classList.remove("busy");
  }
}
async function swap(url, region, options = {}, push = true) {
  latest?.abort();
  const mine = (latest = new AbortController());
  let got;
  try { got = await page(url, { ...options, signal: mine.signal }, region); } catch (err) {
    if (err.name !== "AbortError") toast("The server did not answer. What you see may be out of date; nothing you typed is lost.", "bad");
    return;
  }
  const { res, doc } = got;
  const fresh = doc && $(region, doc), old = $(region);
  if (!fresh || !old) { location.assign(res.redirected || !options.method ? res.url : location.href); return; }
  const focus = document.activeElement?.id, caret = document.activeElement?.selectionStart;
  const open = $$(":popover-open", old).map((p) => p.id);
  old.replaceWith(document.importNode(fresh, true));
  for (const id of open) { const p = document.getElementById(id); if (p?.popover) { p.showPopover({ source: $(`[popovertarget="${id}"]`) }); place(p); } }
  const back = focus && document.getElementById(focus);
  if (back) { back.focus({ preventScroll: true }); if (caret != null && back.type !== "checkbox") try { back.setSelectionRange(caret, caret); } catch { /* not a text field */ } }
  $$("[data-name]", $(region)).forEach(named);
  for (const t of $$(".toasts > *", doc)) $(".toasts")?.append(document.importNode(t, true));
  if (doc.title) document.title = doc.title;
  if (push && res.url !== location.href) {
    if (!history.state?.region) history.replaceState({ region }, "");
    history.pushState({ region }, "", res.url);
  }
  freshen();
}
on("click", "a[data-swap]", (e, a) => { if (plain(e)) { e.preventDefault(); swap(a.href, a.dataset.swap); } });
on("submit", "form[data-swap]", (e, form) => {
  const data = new URLSearchParams(new FormData(form, e.submitter));
  e.preventDefault();
  if (form.method === "post") { swap(form.action, form.dataset.swap, { method: "POST", body: data }, false); return; }
  for (const [k, v] of [...data]) if (!v) data.delete(k, v);
  const cols = $$("input[name=cols]", form);
  data.delete("cols");
  if (cols.some((c) => c.checked !== ("usual" in c.dataset))) data.set("cols", cols.filter((c) => c.checked).map((c) => c.value).join());
  swap(`${new URL(form.action).pathname}${data.size ? `?${String(data).replaceAll("%2C", ",")}` : ""}`, form.dataset.swap);
});
addEventListener("popstate", (e) => { if (e.state?.region) swap(location.href, e.state.region, {}, false); else if (e.state !== null) location.reload(); });
let typing;
on("change", "form[data-auto] :is(input, select), [form]", (e, el) => { if (el.type !== "search" && el.form?.matches("[data-auto]")) el.form.requestSubmit(); });
let drawing;
on("input", "form", (e, form) => {
  if (!$(`#preview[data-live="${form.id}"]`)) return;
  clearTimeout(drawing);
  drawing = setTimeout(() => {
    const data = new URLSearchParams(new FormData(form));
    data.set("act", "preview");
    swap(form.action, "#preview", { method: "POST", body: data }, false);
  }, 400);
});
on("input", "form[data-auto] input[type=search]", (e, el) => { clearTimeout(typing); typing = setTimeout(() => el.form.requestSubmit(), 250); });
setInterval(async () => {
  if (document.hidden) return;
  for (const el of $$("[data-poll]")) {
    if (Date.now() < (el.next || (el.next = Date.now() + +el.dataset.poll))) continue;
    el.next = Date.now() + 3.6e6;
    const { doc } = await page(el.dataset.from || location.href, {}, `#${el.id}`).catch(() => ({}));
    const fresh = doc?.getElementById(el.id);
    if (fresh) { el.replaceWith(document.importNode(fresh, true)); freshen(); } else el.next = Date.now() + 2 * el.dataset.poll;
  }
}, 500);

/* ---- menus: native popovers; here the arrow keys, and a place for browsers without anchors ---- */
function place(pop) {
  const by = $(`[popovertarget="${pop.id}"]`) || pop.by;
  if (!by || (CSS.supports("position-area: bottom") && !pop.by)) return;
  const a = by.getBoundingClientRect(), p = pop.getBoundingClientRect();
  pop.style.positionArea = "none";
  pop.style.left = `${Math.max(8, Math.min(pop.classList.contains("end") ? a.right - p.width : a.left, innerWidth - p.width - 8))}px`;
  pop.style.top = `${a.bottom + p.height + 8 > innerHeight && a.top > p.height + 8 ? a.top - p.height - 10 : a.bottom}px`;
}
document.addEventListener("toggle", (e) => { if (e.newState === "open" && e.target.matches?.(".pop")) place(e.target); }, true);
on("keydown", ".pop, [popovertarget]", (e, el) => {
  const pop = el.matches(".pop") ? el : document.getElementById(el.getAttribute("popovertarget"));
  if (!["ArrowDown", "ArrowUp"].includes(e.key) || !pop?.matches(":popover-open") || e.target.matches("select")) return;
  const items = $$("a, button, input:not([type=hidden])", pop).filter((i) => i.offsetParent !== null);
  e.preventDefault();
  items.at((items.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
});
on("click", "a[data-peek]", async (e, a) => {
  if (!plain(e)) return;
  e.preventDefault();
  const { doc } = await page(a.href, {}, "#why").catch(() => ({}));
  const found = doc && $("#why", doc);
  if (!found) { location.assign(a.href); return; }
  $("#peek")?.remove();
  const pop = Object.assign(document.importNode(found, true), { id: "peek", popover: "auto", by: a });
  pop.addEventListener("toggle", (t) => { if (t.newState === "closed") { pop.remove(); a.focus(); } });
  a.after(pop);
  pop.showPopover();
  pop.tabIndex = 0;
  pop.focus();
});

/* ---- dialogs, type-the-name, toasts, copy, theme ---- */
const find = $("dialog.find");
on("click", "[data-dialog]", (e, el) => {
  const d = document.getElementById(el.dataset.dialog);
  if (d && plain(e)) { e.preventDefault(); d.showModal(); }
});
on("click", "dialog [data-close]", (e, el) => { e.preventDefault(); el.closest("dialog").close(); });
on("click", "dialog", (e, d) => { if (e.target === d) { const r = d.getBoundingClientRect(); if (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom) d.close(); } });
function named(el) { const b = $("button.destroy", el.form); if (b) b.disabled = el.value.trim() !== el.dataset.name; }
on("input", "[data-name]", (e, el) => named(el));
$$("[data-name]").forEach(named);
function toast(text, tone = "ok") {
  const t = Object.assign(document.createElement("div"), { className: `toast ${tone}` });
  t.append(Object.assign(document.createElement("p"), { textContent: text }));
  $(".toasts")?.append(t);
  freshen();
}
on("click", "[data-dismiss]", (e, el) => el.closest(".toast").remove());
on("click", "[data-copy]", async (e, el) => {
  try { await navigator.clipboard.writeText(document.getElementById(el.dataset.copy).textContent.trim()); toast("Copied."); } catch { toast("The browser did not allow copying; the text is selected when you click it.", "warn"); }
});
on("click", "[data-theme-set]", (e, el) => {
  const to = el.dataset.themeSet;
  e.preventDefault();
  document.cookie = `theme=${to}; path=/; max-age=${to === "system" ? 0 : 31536000}; samesite=lax; secure`;
  if (to === "system") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = to;
  for (const b of $$("[data-theme-set]")) b.setAttribute("aria-pressed", b === el);
});

/* ---- search overlay: Ctrl-K or / ---- */
let asked;
function openFind() { if (find && !find.open) { find.showModal(); $("input", find).select(); } }
on("click", "[data-find]", (e) => { if (find && plain(e)) { e.preventDefault(); openFind(); } });
find?.addEventListener("input", (e) => {
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const q = e.target.value.trim(), { doc } = await page(`${e.target.form.action}?q=${encodeURIComponent(q)}`, {}, "#hits").catch(() => ({}));
    const hits = doc && $("#hits", doc);
    if (hits && q === e.target.value.trim()) $(".hits", find).replaceChildren(...document.importNode(hits, true).childNodes);
  }, 120);
});
find?.addEventListener("keydown", (e) => {
  const hits = $$(".hit-row", find), at = hits.indexOf(document.activeElement);
  if (e.key === "ArrowDown") hits[Math.min(at + 1, hits.length - 1)]?.focus();
  else if (e.key === "ArrowUp") (hits[at - 1] || $("input", find)).focus();
  else if (e.key === "Enter" && at < 0 && hits[0]) hits[0].click();
  else return;
  e.preventDefault();
});
document.addEventListener("keydown", (e) => {
  const free = !e.target.closest("input, textarea, select, dialog, [contenteditable]");
  if ((e.key === "k" && (e.ctrlKey || e.metaKey)) || (e.key === "/" && free)) { e.preventDefault(); openFind(); }
  else if (free && !e.ctrlKey && !e.metaKey && !e.altKey) gridKey(e);
});

/* ---- grid: j/k or arrows walk the rows, x picks, Enter opens; picking counts ---- */
function gridKey(e) {
  const rows = $$(".grid tbody tr"), at = rows.indexOf(document.activeElement.closest?.("tr"));
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[e.key];
  if (step && rows.length && (at >= 0 || e.key.length === 1)) { e.preventDefault(); const to = rows[Math.max(0, Math.min(rows.length - 1, at + step))]; $(".open, a, .pick", to)?.focus(); to.scrollIntoView({ block: "nearest" }); }
  else if (e.key === "x" && at >= 0) $(".pick", rows[at])?.click();
}
let anchor = null;
on("click", ".pick", (e, box) => {
  const boxes = $$(".pick", box.form);
  if (e.shiftKey && boxes.includes(anchor)) { const [a, b] = [boxes.indexOf(anchor), boxes.indexOf(box)].sort((x, y) => x - y); for (const c of boxes.slice(a, b + 1)) c.checked = box.checked; }
  anchor = box;
  count(box.form);
});
on("click", ".pick-all", (e, all) => { for (const c of $$(".pick", all.form)) c.checked = all.checked; count(all.form); });
on("click", "[data-everything]", (e, el) => { const f = el.closest("form"); f.elements.everything.value = "1"; $("[data-count]", f).textContent = el.dataset.everything; el.hidden = true; });
function count(form) {
  const boxes = $$(".pick", form), n = boxes.filter((c) => c.checked).length, all = $(".pick-all", form), every = $("[data-everything]", form);
  $("[data-count]", form).textContent = `${n} selected`;
  if (all) { all.checked = n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
  if (form.elements.everything) form.elements.everything.value = "";
  if (every) every.hidden = n !== boxes.length;
}
on("click", ".grid tbody tr", (e, tr) => { if (plain(e) && !e.target.closest("a, button, input, label, .pop") && !String(getSelection())) $(".open", tr)?.click(); });

/* ---- times, toasts that leave, unsaved work ---- */
const ago = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });
const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
function freshen() {
  for (const t of $$("time[data-rel]")) {
    const at = new Date(t.dateTime), s = (at - Date.now()) / 1000, abs = Math.abs(s);
    t.title = zone.format(at);
    if (abs < 45) t.textContent = s > 0 ? "in a moment" : "just now";
    else for (const [unit, size, below] of [["minute", 60, 3570], ["hour", 3600, 84600], ["day", 86400, 2.6e6]]) if (abs < below) { t.textContent = ago.format(Math.round(s / size), unit).replaceAll(".", ""); break; }
  }
  for (const s of $$(".grid .scroll")) s.classList.toggle("fits", s.scrollWidth <= s.clientWidth);
  for (const t of $$(".toast:not(.bad)")) t.leave ||= setTimeout(() => t.remove(), 7000);
}
setInterval(freshen, 30000);
addEventListener("resize", freshen);
freshen();
on("input", "form[data-dirty]", (e, form) => { form.changed = true; for (const el of $$("[data-unsaved]", form)) el.hidden = false; });
on("submit", "form[data-dirty]", (e, form) => { form.changed = false; });
addEventListener("beforeunload", (e) => { if ($$("form[data-dirty]").some((f) => f.changed)) e.preventDefault(); });

/* ---- passkeys: a form with a question asks the browser before it is sent; a code field beside one gets a second way ---- */
const unpack = (t) => Uint8Array.from(atob(t.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const pack = (b) => btoa(String.fromCharCode(...new Uint8Array(b ?? []))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
async function passkey(question) {
  const q = JSON.parse(question), challenge = unpack(q.challenge), known = (ids) => ids.map((id) => ({ type: "public-key", id: unpack(id) }));
  if (q.user) {
    const user = { id: unpack(q.user.id), name: q.user.name, displayName: q.user.display };
    const { response } = await navigator.credentials.create({ publicKey: { challenge, user, rp: { name: "NotifyMDM" }, pubKeyCredParams: q.algorithms.map((alg) => ({ type: "public-key", alg })), excludeCredentials: known(q.exclude), authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" }, attestation: "none" } });
    return JSON.stringify({ ticket: q.ticket, client_data: pack(response.clientDataJSON), attestation: pack(response.attestationObject) });
  }
  const used = await navigator.credentials.get({ publicKey: { challenge, allowCredentials: known(q.allow), userVerification: q.verification } }), r = used.response;
  return JSON.stringify({ ticket: q.ticket, id: pack(used.rawId), client_data: pack(r.clientDataJSON), authenticator_data: pack(r.authenticatorData), signature: pack(r.signature), user: pack(r.userHandle) });
}
async function answered(form, into, question) {
  $(".no-passkey", form)?.remove();
  try {
    into.value = await passkey(question);
    return true;
  } catch (err) {
    const words = { NotAllowedError: "No passkey was used: it was cancelled, took too long, or there is none for this page here.", InvalidStateError: "This device holds a passkey of this account already.", SecurityError: "Passkeys need the name of this server in the address, not its number, and a trusted certificate." }[err.name] || "This browser cannot use passkeys here.";
    form.append(Object.assign(document.createElement("p"), { className: "err no-passkey", role: "alert", textContent: words }));
    return false;
  }
}
on("submit", "form", (e, form) => {
  const { question, answer } = form.elements;
  if (!question || !answer || answer.value) return;
  e.preventDefault();
  answered(form, answer, question.value).then((good) => { if (good) form.requestSubmit(); });
});
for (const q of $$("input[name=passkey]")) {
  const code = q.form.elements.code;
  if (!code) continue;
  const b = Object.assign(document.createElement("button"), { type: "button", className: "btn use-passkey", textContent: "Use a passkey instead" });
  const ways = $$("button:not([type=button])", q.form);
  b.addEventListener("click", async () => {
    if (!await answered(q.form, code, q.value)) return;
    if (ways.length === 1) q.form.requestSubmit(ways[0]); else b.textContent = "The passkey was shown";
  });
  code.after(b);
}

/* ---- a week of peak times: the text of each day is the truth; its bar is drawn on by dragging or by keys ---- */
const clock = (m) => `${String(Math.floor(m / 60)).padStart(2, "0")}:${String(m % 60).padStart(2, "0")}`;
const minutes = (t) => { const [, h, m = 0] = /^\s*(\d{1,2})(?::([0-5]\d))?\s*$/.exec(t ?? "") || []; return h === undefined ? NaN : +h * 60 + +m; };
function readWeek(week) {
  const peak = new Uint8Array(10080), days = $$(".day", week).map((row) => ({ row, bar: $(".bar", row), input: $("input", row), name: $("label", row).textContent, readable: true }));
  days.forEach((day, n) => {
    for (const part of day.input.value.split(/[,;]/).filter((p) => p.trim())) {
      const [from, until, more] = part.split(/[-–]/).map(minutes);
      if (!(from < 1440 && until <= 1440) || from === until || more !== undefined) { day.readable = false; continue; }
      for (let m = from, end = until > from ? until : until + 1440; m < end; m++) peak[(n * 1440 + m) % 10080] = 1;
    }
  });
  return { days, peak };
}
function runs(peak, n) {
  const all = [];
  for (let m = 0, from = -1; m <= 1440; m++) {
    const on = m < 1440 && peak[n * 1440 + m];
    if (on && from < 0) from = m;
    if (!on && from >= 0) { all.push([from, m]); from = -1; }
  }
  return all;
}
function drawWeek({ days, peak }) {
  days.forEach((day, n) => {
    $$("rect", day.bar).forEach((r) => r.remove());
    const rect = (name, x, width) => { const r = document.createElementNS("http://www.w3.org/2000/svg", "rect"); r.setAttribute("class", name); r.setAttribute("x", x); r.setAttribute("width", width); r.setAttribute("height", 24); day.bar.append(r); };
    for (const [from, until] of runs(peak, n)) rect("peak", from, until - from);
    const at = +day.bar.dataset.at || 0;
    rect("at", at, 30);
    day.bar.setAttribute("aria-valuenow", at);
    day.bar.setAttribute("aria-valuetext", `${clock(at)} to ${clock(at + 30)}, ${peak[n * 1440 + at] ? "peak time" : "off-peak"}`);
  });
}
function paint(week, first, last, from, until, on) {
  for (let n = first; n <= last; n++) week.peak.fill(on, n * 1440 + from, n * 1440 + until);
  week.days.forEach((day, n) => { if (day.readable || (n >= first && n <= last)) day.input.value = runs(week.peak, n).map((r) => r.map(clock).join("-")).join(", "); });
  week.days[first].input.dispatchEvent(new Event("input", { bubbles: true }));
}
for (const el of $$("[data-week]")) {
  const whole = readWeek(el);
  for (const { bar, name } of whole.days) {
    for (const [k, v] of Object.entries({ tabindex: 0, role: "slider", "aria-label": `${name}. Arrows move, Space switches half an hour, Shift with an arrow draws.`, "aria-valuemin": 0, "aria-valuemax": 1410 })) bar.setAttribute(k, v);
    bar.dataset.at = 480;
  }
  drawWeek(whole);
  el.addEventListener("input", () => drawWeek(readWeek(el)));
  let drag = null;
  const where = (e, day) => { const r = day.bar.getBoundingClientRect(); return Math.max(0, Math.min(95, Math.floor(((e.clientX - r.left) / r.width) * 96))) * 15; };
  el.addEventListener("pointerdown", (e) => {
    const bar = e.target.closest(".bar");
    if (!bar || e.button) return;
    const week = readWeek(el), n = week.days.findIndex((d) => d.bar === bar), at = where(e, week.days[n]);
    drag = { before: week.peak.slice(), n, at, on: week.peak[n * 1440 + at] ? 0 : 1 };
    bar.setPointerCapture(e.pointerId);
    stretch(e);
  });
  function stretch(e) {
    if (!drag) return;
    const week = readWeek(el), to = where(e, week.days[drag.n]);
    const rows = week.days.map((d) => d.row.getBoundingClientRect());
    const under = rows.findIndex((r) => e.clientY >= r.top && e.clientY < r.bottom), m = under < 0 ? drag.n : under;
    week.peak.set(drag.before);
    paint(week, Math.min(drag.n, m), Math.max(drag.n, m), Math.min(drag.at, to), Math.max(drag.at, to) + 15, drag.on);
  }
  el.addEventListener("pointermove", stretch);
  for (const type of ["pointerup", "pointercancel"]) el.addEventListener(type, () => { drag = null; });
  el.addEventListener("keydown", (e) => {
    const bar = e.target.closest(".bar");
    if (!bar) return;
    const week = readWeek(el), n = week.days.findIndex((d) => d.bar === bar), at = +bar.dataset.at, step = { ArrowLeft: -30, ArrowRight: 30 }[e.key];
    const here = week.peak[n * 1440 + at];
    if (step || e.key === "Home" || e.key === "End") {
      const to = e.key === "Home" ? 0 : e.key === "End" ? 1410 : Math.max(0, Math.min(1410, at + step));
      bar.dataset.at = to;
      if (e.shiftKey) paint(week, n, n, Math.min(at, to), Math.max(at, to) + 30, here); else drawWeek(week);
    } else if (e.key === " " || e.key === "Enter") paint(week, n, n, at, at + 30, here ? 0 : 1);
    else if (e.key === "ArrowUp" || e.key === "ArrowDown") {
      const next = week.days[n + (e.key === "ArrowUp" ? -1 : 1)]?.bar;
      if (next) { next.dataset.at = at; next.focus(); drawWeek(week); }
    } else return;
    e.preventDefault();
  });
}
