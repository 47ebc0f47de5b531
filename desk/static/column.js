// One field over many rows. What agrees is ticked; eyes pass down the crops, one key accepts.

import { readLocal, writeLocal } from "./drafts.js";
import { openFields } from "./fields.js";
import { command } from "./keys.js";
import { ask, insist } from "./net.js";
import { openPane } from "./pane.js";
import { startSize } from "./size.js";
import { startTyping } from "./typing.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const data = JSON.parse(document.getElementById("entry-data").textContent);
const holder = document.getElementById("entry");
const banner = document.getElementById("banner");
const kept = document.getElementById("kept"), help = document.getElementById("keys-table");
const pane = openPane(document.getElementById("pane"), { texts });
const typing = startTyping(document, {
  changed({ method, foreign }) {
    document.getElementById("typing").textContent =
      `⌨ ${foreign ? texts.typing.foreign : texts.typing[method]} · Alt+V`;
  },
});
const fields = openFields(holder, data, texts, { changed });
let current = null, saving = false;

function changed(name) {
  const spec = fields.spec(name), now = fields.work.get(name);
  const draft = readLocal(localStorage, data.user, spec.entry) ?? { fields: {}, past: [] };
  draft.fields[spec.field] = { ...now, base: fields.base.get(name) };
  writeLocal(localStorage, data.user, spec.entry, { ...draft, at: Date.now(), version: spec.version });
  kept.textContent = texts.keptHere;
  document.getElementById("left").textContent = String(fields.waiting().length);
}

const box = (name) => fields.rows.get(name).row.querySelector("input[type=checkbox]");

function focus(name) {
  if (!name) {
    document.getElementById("save").focus();
    return;
  }
  const { input } = fields.rows.get(name);
  if (document.activeElement === input) arrive(name);
  else input.focus({ preventScroll: true });
}

function arrive(name) {
  current = name;
  for (const one of holder.querySelectorAll(".field.now")) one.classList.remove("now");
  const { row, input, spec } = fields.rows.get(name);
  row.classList.add("now");
  fields.rows.get(name).pristine = true;
  input.select();
  row.scrollIntoView({ block: "nearest" });
  pane.look(spec.page, spec.rect);
}

function step(way) {
  const at = fields.order.indexOf(current) + way;
  return fields.order[Math.min(Math.max(at, 0), fields.order.length - 1)];
}

function onward() {
  const at = fields.order.indexOf(current);
  const after = fields.waiting().find((name) => fields.order.indexOf(name) > at);
  focus(after ?? null);
}

const commands = {
  accept() {
    if (!current || document.activeElement?.id === "save") return save();
    if (fields.work.get(current).state === "open") return undefined;
    if (fields.rows.get(current).refused) fields.rows.get(current).raw = true;
    box(current).checked = true;
    fields.accept(current);
    return onward();
  },
  choose({ index }) {
    const choice = fields.spec(current)?.choices[index];
    if (!choice) return;
    box(current).checked = true;
    fields.choose(current, choice.text);
    onward();
  },
  state({ state }) {
    if (!current) return;
    box(current).checked = true;
    fields.mark(current, state);
    onward();
  },
  next: () => focus(step(1)),
  previous: () => focus(step(-1)),
  nextDoubt: onward,
  undo: () => focus(fields.undo() ?? current),
  redo: () => focus(fields.redo() ?? current),
  method: () => typing.turn(),
  revert: () => location.assign("/entry"),
  save,
  // The same column on through the book, or back to this page; what is ticked stays in its draft.
  column: () => location.assign(document.getElementById("reach").href),
  help: () => help.showModal(),
  pane: () => pane.focus(),
  zoomIn: () => pane.moves.zoomIn(), zoomOut: () => pane.moves.zoomOut(),
  wholePage: () => pane.moves.wholePage(), contrast: () => pane.moves.contrast(), rotate: () => pane.moves.rotate(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || help.open) return;
  if (event.key === "Enter" && !event.ctrlKey && event.target.closest?.("a, button:not(#save)")) return;
  if (event.altKey && event.code === "KeyX" && current) {
    event.preventDefault();
    box(current).checked = !box(current).checked;
    return;
  }
  if (event.key === "Escape" && event.target.closest?.("#pane")) {
    event.preventDefault();
    focus(current);
    return;
  }
  const row = event.target.matches?.(".field .text") ? fields.rows.get(current) : null;
  const found = command(event, {
    pristine: row?.pristine ?? false, digits: row ? row.spec.typing === "digits" : true,
  });
  if (!found) {
    if (row && /^(Arrow(Left|Right)|Home|End)$/.test(event.key)) row.pristine = false;
    return;
  }
  event.preventDefault();
  if (!saving) commands[found.command]?.(found);
});
holder.addEventListener("focusin", (event) => {
  if (event.target.matches(".field .text")) arrive(event.target.closest(".field").dataset.field);
});
holder.addEventListener("input", (event) => {
  if (!event.target.matches(".field .text")) return;
  const name = event.target.closest(".field").dataset.field;
  fields.rows.get(name).pristine = false;
  box(name).checked = true;
  fields.typed(name, event.target.value.normalize("NFC"));
});
holder.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-choice]");
  if (choice) commands.choose({ index: Number(choice.dataset.choice) });
  else if (event.target.closest("#save")) save();
  else if (event.target.closest(".crop")) focus(event.target.closest(".field").dataset.field);
});
document.getElementById("typing").addEventListener("click", () => typing.turn());
document.getElementById("help").addEventListener("click", () => help.showModal());
help.addEventListener("close", () => focus(current));

// Ticked rows are accepted, and all that are done are saved; the others stay for a second look.
async function save() {
  if (saving) return;
  for (const name of fields.waiting()) {
    if (box(name).checked && fields.work.get(name).state !== "open") fields.accept(name);
  }
  const told = fields.said(false).filter((one) => fields.work.get(one.field).done);
  if (told.length === 0) return;
  const rows = told.map((one) => {
    const spec = fields.spec(one.field);
    return { entry: spec.entry, version: spec.version, token: spec.token, said: { ...one, field: spec.field } };
  });
  saving = true;
  const answer = await insist(() => ask("POST", "/column/save", { rows }), {
    failed: () => say(texts.noNetwork),
  });
  saving = false;
  if (answer.status !== 200) {
    say(answer.status === 401 ? texts.sessionEnded : answer.data?.what ?? texts.notSaved);
    return;
  }
  say("");
  for (const one of answer.data.rows) {
    const name = `e${one.entry}`;
    if (one.state === "saved") {
      fields.rows.get(name).row.classList.add("gone");
      fields.rows.get(name).row.inert = true;
      const draft = readLocal(localStorage, data.user, one.entry);
      if (draft) {
        delete draft.fields[fields.spec(name).field];
        writeLocal(localStorage, data.user, one.entry, draft);
      }
    } else if (one.stands) moved(name, one);
    else fields.refuse(name, one.message ?? texts.lostHold);
  }
  kept.textContent = texts.saved;
  const left = fields.waiting();
  document.getElementById("left").textContent = String(left.length);
  if (left.length > 0) focus(left[0]);
  else document.getElementById("back").focus();
}

// Another value stands there by now, perhaps that of a row saved with it, which a ditto repeats:
// what the operator typed stays, what was only let pass is looked at again.
function moved(name, { version, stands }) {
  const spec = fields.spec(name), typed = fields.work.get(name).text !== fields.base.get(name).text;
  spec.version = version;
  fields.rebase(name, stands);
  if (!typed) fields.revert(name);
  box(name).checked = false;
  fields.refuse(name, texts.movedOn.replace("{text}", stands.text || texts.states[stands.state]));
}

function say(message) {
  banner.hidden = message === "";
  banner.textContent = message;
  banner.dataset.kind = "warn";
}

startSize();
typing.tell();
pane.load(data.pages);
focus(fields.order[0] ?? null);
