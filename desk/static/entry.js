// One entry under the hands of an operator. Everything works from the keyboard; the mouse may too.

import { dropLocal, newer, readLocal, sender, sweep, writeLocal } from "./drafts.js";
import { startDialogs } from "./dialogs.js";
import { earlier } from "./earlier.js";
import { flash, openFields, watchTouch } from "./fields.js";
import { command } from "./keys.js";
import { ask, insist } from "./net.js";
import { startMeaning } from "./meaning.js";
import { openPane } from "./pane.js";
import { ahead } from "./ahead.js";
import { showConflict } from "./conflict.js";
import { startLinks } from "./links.js";
import { startPresence } from "./presence.js";
import { startSize } from "./size.js";
import { startTyping } from "./typing.js";
import { VOIDED, isVoid, turnVoid } from "./void.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const holder = document.getElementById("entry");
const banner = document.getElementById("banner"), kept = document.getElementById("kept");

let pane = null, data = null, fields = null, drafts = null, current = null, next = null;
let saving = false, yielded = false, onEnter = "";

const typing = startTyping(document, {
  changed({ method, foreign }) {
    const name = foreign ? texts.typing.foreign : texts.typing[method];
    document.getElementById("typing").textContent = `⌨ ${name} · Alt+V`;
  },
});
const meaning = startMeaning(() => ({ id: data.id, fields }));
const dialogs = startDialogs(texts, { give, closed: () => focus(current) });
const inHand = () => (data && !saving && !yielded && !onEnter ? data : null);
const links = startLinks(holder, {
  at: inHand, back: () => focus(current), ended: sessionEnded, lost: holdLost, failed: () => say(texts.linkNotKept, "warn"),
});

// --- opening ------------------------------------------------------------------------------------

function open() {
  data = JSON.parse(document.getElementById("entry-data").textContent);
  fields = openFields(holder, data, texts, { changed: fieldChanged });
  const mine = data;
  drafts = sender(async (draft, stop) => {
    const body = { version: mine.version, fields: draft };
    const { status } = await ask("PUT", `/entry/${mine.id}/draft`, body, { stop });
    if (status === 401) sessionEnded();
    if (status < 400) kept.textContent = texts.keptServer;
    return status < 500 && status !== 401;
  });
  saving = holder.inert = false;
  onEnter = "";
  say("");
  document.title = `${data.number || "–"} · ${data.unit} ${data.year}`;
  document.getElementById("desk").className = `desk ${data.wide ? "over" : "beside"}`;
  pane ??= openPane(document.getElementById("pane"), { texts });
  pane.load(data.pages);
  const draft = newer(readLocal(localStorage, data.user, data.id), data.draft);
  if (draft && Object.keys(draft.fields ?? {}).length > 0) {
    fields.restore(draft);
    say(draft.version !== undefined && draft.version !== data.version ? texts.draftOld : texts.draftBack, "note");
  } else fields.restore({ past: earlier(data.user).stepsOf(data.id) });
  count();
  const first = fields.waiting()[0] ?? (data.doubtful ? null : fields.order[0]);
  if (first) focus(first);
  else document.getElementById("save").focus();
  presence.here(data.id);
  links.open(data);
  next = ahead(data.id, pane.tilesFor);
}

function say(message, kind = "") {
  banner.hidden = message === "";
  banner.textContent = message;
  banner.dataset.kind = kind;
}

function count() {
  document.getElementById("left").textContent = String(fields.waiting().length);
  holder.classList.toggle("ready", fields.waiting().length === 0);
  holder.classList.toggle("void", isVoid(fields));
}

// --- focus --------------------------------------------------------------------------------------

function focus(name) {
  if (!name || !fields.rows.has(name)) {
    document.getElementById("save").focus();
    return;
  }
  const { input } = fields.rows.get(name);
  if (document.activeElement === input) arrive(name);
  else input.focus({ preventScroll: true });
}

function arrive(name) {
  current = name;
  const { row, input, spec } = fields.rows.get(name);
  for (const one of holder.querySelectorAll(".field.now")) one.classList.remove("now");
  row.classList.add("now");
  fields.rows.get(name).pristine = true;
  input.select();
  row.scrollIntoView({ block: "nearest" });
  pane.look(spec.page, spec.rect);
}

holder.addEventListener("focusin", (event) => {
  const row = event.target.closest(".field");
  if (row && event.target.matches(".text")) arrive(row.dataset.field);
  else for (const one of holder.querySelectorAll(".field.now")) one.classList.remove("now");
});

function step(way, among) {
  const list = among ?? fields.order;
  const order = fields.order;
  const at = order.indexOf(current);
  const rest = way > 0 ? list.filter((name) => order.indexOf(name) > at)
    : list.filter((name) => order.indexOf(name) < at).reverse();
  return rest[0] ?? null;
}

// To the field that was undone or done again; one that shows no more keeps the eyes where they are.
function went(name) {
  if (name) focus(fields.order.includes(name) ? name : current);
  if (name === VOIDED) say(isVoid(fields) ? texts.voided : texts.notVoided, "note");
  return name !== null;
}

// To the next field that waits, from here on and then from the top; none left: to the save key.
function onward() {
  const waiting = fields.waiting();
  focus(step(1, waiting) ?? waiting[0] ?? null);
}

// --- changes ------------------------------------------------------------------------------------

function fieldChanged(name, kind) {
  keep();
  count();
  if (kind === "typing" && !saving) meaning.ask(name);
  else if (kind !== "accept") fields.rows.get(name).meaning.textContent = "";
}

function keep() {
  const draft = { ...fields.draft(), at: Date.now(), version: data.version };
  const here = writeLocal(localStorage, data.user, data.id, draft);
  kept.textContent = here ? texts.keptHere : texts.keptNowhere;
  drafts.push(draft);
}

holder.addEventListener("input", (event) => {
  const row = event.target.closest(".field");
  if (!row || yielded) return;
  fields.rows.get(row.dataset.field).pristine = false;
  fields.typed(row.dataset.field, event.target.value.normalize("NFC"));
});
watchTouch(holder, () => fields);

// --- commands -----------------------------------------------------------------------------------

const commands = {
  accept() {
    if (!current || document.activeElement?.id === "save") return save();
    const row = fields.rows.get(current), now = fields.work.get(current);
    if (now.state === "open") {
      flash(row.row, texts.sayWhat);
      return undefined;
    }
    if ((row.doubt || row.refused) && !row.raw && now.text) {
      fields.refuse(current, row.refused || row.doubt);
      row.raw = true;
      row.doubt = "";
      return undefined;
    }
    const edited = now.text !== fields.base.get(current).text || now.state !== fields.base.get(current).state;
    if (row.spec.doubtful || edited) fields.accept(current);
    return onward();
  },
  choose({ index }) {
    const choice = fields.spec(current)?.choices[index];
    if (!choice) return;
    fields.choose(current, choice.text);
    onward();
  },
  state({ state }) {
    if (!current) return;
    fields.mark(current, state);
    onward();
  },
  next: () => focus(step(1) ?? current),
  previous: () => focus(step(-1) ?? current),
  nextDoubt: () => focus(step(1, fields.waiting()) ?? fields.waiting()[0] ?? current),
  previousDoubt: () => focus(step(-1, fields.order.filter((name) => fields.spec(name).doubtful)) ?? current),
  revert() {
    if (!current) return;
    fields.revert(current);
    arrive(current);
  },
  undo: () => went(fields.undo()) || commands.earlier(),
  redo: () => went(fields.redo()),
  save,
  earlier() {
    const before = earlier(data.user).before(data.id);
    if (before !== null) location.assign(`/entry/${before}`);
    else say(texts.nothingEarlier, "note");
  },
  skip: () => dialogs.ask("skip"),
  escalate: () => dialogs.ask("escalate"),
  rescan: () => dialogs.ask("rescan"),
  column() {
    if (data.wide && !data.blind) location.assign(`/column/${data.id}/${current ?? fields.order[0]}`);
  },
  boxes() {
    if (!data.blind) location.assign(`/boxes/${data.id}${current ? `?field=${current}` : ""}`);
  },
  voidEntry() {
    say(turnVoid(fields, texts), "note");
    if (current === VOIDED) onward();
  },
  links: () => links.toggle().then((any) => any || say(texts.noLinks, "note")),
  method: () => typing.turn(),
  help: () => dialogs.keys(),
  pane: () => pane.focus(),
  zoomIn: () => pane.moves.zoomIn(), zoomOut: () => pane.moves.zoomOut(),
  wholePage: () => pane.moves.wholePage(), contrast: () => pane.moves.contrast(), rotate: () => pane.moves.rotate(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (onEnter && event.key === "Enter") {
    event.preventDefault();
    location.assign(onEnter);
    return;
  }
  if (yielded) {
    if (event.key === "Enter") location.reload();
    event.preventDefault();
    return;
  }
  const inField = event.target.matches?.(".field .text");
  if (event.key === "Enter" && event.target.closest?.("button, a") && event.target.id !== "save") return;
  if (event.key === "Escape" && event.target.closest?.("#pane")) {
    event.preventDefault();
    focus(current);
    return;
  }
  const row = inField ? fields.rows.get(event.target.closest(".field").dataset.field) : null;
  const found = command(event, {
    pristine: row?.pristine ?? false, digits: row ? row.spec.typing === "digits" : true,
  });
  if (!found) {
    if (row && /^(Arrow(Left|Right)|Home|End)$/.test(event.key)) row.pristine = false;
    return;
  }
  event.preventDefault();
  if (saving && found.command !== "help") return;
  commands[found.command]?.(found);
});

const BUTTONS = { "by-column": "column", "fix-boxes": "boxes", "void-entry": "voidEntry" };
holder.addEventListener("click", (event) => {
  if (saving) return;
  const choice = event.target.closest("[data-choice]");
  const give = event.target.closest("[data-give]");
  if (choice) commands.choose({ index: Number(choice.dataset.choice) });
  else if (give) dialogs.ask(give.dataset.give);
  else if (event.target.closest("#save")) save();
  else if (BUTTONS[event.target.closest("button")?.id]) {
    commands[BUTTONS[event.target.closest("button").id]]();
    focus(current);
  }
  else if (event.target.closest(".crop")) focus(event.target.closest(".field").dataset.field);
});
document.getElementById("typing").addEventListener("click", () => typing.turn());
document.getElementById("help").addEventListener("click", () => dialogs.keys());

// --- saving -------------------------------------------------------------------------------------

async function save() {
  if (saving || yielded) return;
  const waiting = fields.waiting();
  if (waiting.length > 0) {
    focus(waiting[0]);
    flash(fields.rows.get(waiting[0]).row, texts.stillWaiting.replace("{n}", waiting.length));
    return;
  }
  const answer = await lay("save", { version: data.version, token: data.token, fields: fields.said(data.blind) });
  if (!answer) return;
  if (answer.status === 200) {
    earlier(data.user).remember(data.id, fields.past());
    await show(texts.saved, answer.data?.repeated);
  } else if (answer.status === 401) sessionEnded();
  else if (answer.status === 409 && answer.data?.conflicts) clash(answer.data);
  else if (answer.status === 422 && answer.data?.refused?.length) refused(answer.data.refused);
  else if (answer.status === 409) holdLost();
  else say(answer.data?.what ?? texts.notSaved, "warn");
}

// Out of these hands: nothing more is asked of an entry on its way, and nothing typed into one that
// has gone, or the answer would be that somebody else has it. Where it stays, keys count again.
async function lay(how, body) {
  saving = true;
  await links.settled();
  drafts.forget();
  meaning.forget();
  presence.forget();
  const answer = await insist(() => ask("POST", `/entry/${data.id}/${how}`, body), {
    failed: () => say(texts.noNetwork, "warn"), stopped: () => yielded,
  });
  saving = holder.inert = answer?.status === 200;
  if (saving) drafts.forget();
  if (saving) dropLocal(localStorage, data.user, data.id);
  return answer;
}

const TOLD = "hotich-told";

// The next entry is here already, unless the operator was faster than the network, or what was
// saved has changed it: a ditto there repeats it.
async function show(message, changed = []) {
  const waited = await next.take();
  if (!waited || changed.includes(waited.id)) {
    sessionStorage.setItem(TOLD, message); // what was done is said on the page that comes
    location.assign(waited ? `/entry/${waited.id}` : "/entry");
    return;
  }
  history.pushState({}, "", `/entry/${waited.id}`);
  current = null;
  holder.replaceChildren(...waited.nodes);
  open();
  kept.textContent = message;
}

function refused(list) {
  for (const { field, message } of list) fields.refuse(field, message);
  focus(list[0].field);
}

function clash(told) {
  data.version = told.version;
  for (const [name, standing] of Object.entries(told.standing)) fields.rebase(name, standing);
  if (told.conflicts.length === 0) {
    save();
    return;
  }
  showConflict(document.getElementById("conflict"), told.conflicts, fields, texts, {
    look: (spec) => pane.look(spec.page, spec.rect),
    choose(name, theirs) {
      if (theirs) fields.revert(name);
      else fields.accept(name);
      count();
    },
    finished() {
      keep();
      onward();
    },
  });
}

async function give(kind, reason) {
  if (saving || yielded) return;
  const answer = await lay(kind, { token: data.token, reason });
  if (!answer) return;
  if (answer.status === 200) await show(texts.given[kind]);
  else if (answer.status === 401) sessionEnded();
  else if (answer.status === 409) holdLost();
  else say(answer.data?.what ?? texts.notSaved, "warn");
}

function holdLost() {
  onEnter = "/entry";
  say(texts.lostHold, "warn");
}

function sessionEnded() {
  onEnter = `/login?next=/entry/${data.id}`;
  say(texts.sessionEnded, "warn");
}

// --- staying alive ------------------------------------------------------------------------------

const calm = () => (banner.textContent === texts.noNetwork && say(""), drafts?.flush());
const presence = startPresence(inHand, {
  ended: sessionEnded, lost: holdLost, gone: () => say(texts.noNetwork, "warn"), back: calm,
  otherWindow() {
    yielded = true;
    drafts.forget();
    say(texts.otherTab, "warn");
    document.getElementById("desk").inert = true;
  },
});
window.addEventListener("pagehide", () => drafts?.flush());
window.addEventListener("popstate", () => location.reload());

startSize();
sweep(localStorage, Date.now());
typing.tell();
open();
kept.textContent = sessionStorage.getItem(TOLD) ?? kept.textContent;
sessionStorage.removeItem(TOLD);
