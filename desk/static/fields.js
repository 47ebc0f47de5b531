// The fields of an entry: what stands in each, who said so, and how that is shown.

import { empty, note, redo, same, undo } from "./history.js";

const NOTHING = new Set(["blank", "unreadable"]);

export function openFields(root, data, texts, { changed }) {
  const rows = new Map(), specs = new Map(data.fields.map((field) => [field.name, field]));
  const work = new Map(), base = new Map();
  let history = empty();

  for (const row of root.querySelectorAll(".field")) {
    const spec = specs.get(row.dataset.field);
    rows.set(spec.name, {
      row, spec, input: row.querySelector(".text"), mark: row.querySelector(".mark"),
      meaning: row.querySelector(".meaning"), raw: false, refused: "", pristine: true,
    });
    const stood = { text: spec.text, state: spec.open ? "open" : spec.state, done: false };
    base.set(spec.name, stood);
    work.set(spec.name, stood);
    paint(spec.name);
  }
  const order = [...rows.keys()];
  // A field that is on no page shows as soon as something is said in it.
  const hidden = (name) => specs.get(name).absent === true && work.get(name).state === "blank";

  function paint(name) {
    const { row, spec, input, mark } = rows.get(name);
    const now = work.get(name), first = base.get(name);
    if (input.value !== now.text) input.value = now.text;
    const edited = now.text !== first.text || now.state !== first.state;
    row.dataset.state = now.state;
    row.classList.toggle("accepted", now.done);
    row.classList.toggle("waiting", spec.doubtful && !now.done);
    row.classList.toggle("edited", edited);
    input.placeholder = now.state === "open" ? texts.typeIt : now.state !== "written" ? texts.states[now.state] : "";
    const state = now.state === "written" || now.state === "open" ? "" : `${texts.states[now.state]} · `;
    mark.textContent = state + (now.done ? `✓ ${edited ? texts.corrected : texts.confirmed}`
      : spec.doubtful ? `◆ ${texts.look}` : edited ? `✓ ${texts.corrected}`
      : spec.by ? `✓ ${spec.by}` : `· ${texts.machine} ${spec.confidence}%`);
  }

  function set(name, next, kind, remember = true) {
    const before = work.get(name);
    if (same(before, next)) return false;
    work.set(name, next);
    if (remember) history = note(history, { field: name, before, after: next, kind }, Date.now());
    const row = rows.get(name);
    if (before.text !== next.text || before.state !== next.state) {
      row.raw = false;
      refuse(name, "");
    }
    paint(name);
    changed(name, kind);
    return true;
  }

  function refuse(name, message) {
    const row = rows.get(name);
    row.refused = message;
    row.row.classList.toggle("refused", message !== "");
    row.input.setAttribute("aria-invalid", message ? "true" : "false");
    if (message) row.meaning.textContent = `✗ ${message}`;
  }

  return {
    rows, work, base,
    get order() {
      return order.filter((name) => !hidden(name));
    },
    spec: (name) => specs.get(name),
    waiting: () => order.filter((name) => specs.get(name).doubtful && !work.get(name).done),
    typed(name, text) {
      const now = work.get(name);
      const state = text === "" ? (base.get(name).state === "open" ? "open" : "blank")
        : NOTHING.has(now.state) || now.state === "open" ? "written" : now.state;
      set(name, { text, state, done: false }, "typing");
    },
    has: (name) => rows.has(name),
    choose: (name, text) => set(name, { text, state: "written", done: true }, "choice"),
    mark(name, state) {
      // What stands above is not known here: a ditto has no text of its own.
      const first = base.get(name);
      const text = NOTHING.has(state) ? "" : state !== "ditto" ? work.get(name).text
        : first.state === "ditto" ? first.text : "";
      set(name, { text, state, done: true }, "state");
    },
    accept: (name) => set(name, { ...work.get(name), done: true }, "accept"),
    revert: (name) => set(name, base.get(name), "revert"),
    refuse,
    undo() {
      const taken = undo(history);
      if (!taken) return null;
      history = taken[0];
      set(taken[1].field, taken[1].before, "undo", false);
      return taken[1].field;
    },
    redo() {
      const again = redo(history);
      if (!again) return null;
      history = again[0];
      set(again[1].field, again[1].after, "redo", false);
      return again[1].field;
    },
    dirty: () => order.some((name) => !same(work.get(name), base.get(name))),
    // What is to be saved: what was said, and what differs from what stood.
    said(everything) {
      const told = [];
      for (const name of order) {
        const now = work.get(name), first = base.get(name), spec = specs.get(name);
        const edited = now.text !== first.text || now.state !== first.state;
        if (!everything && !edited && !(spec.doubtful && now.done)) continue;
        const plain = (one) => ({ text: one.text, state: one.state === "open" ? "unreadable" : one.state });
        told.push({ field: name, ...plain(now), raw: rows.get(name).raw, base: plain(first) });
      }
      return told;
    },
    // The draft is plain data: changed fields with what stood there, and the steps of undo.
    draft() {
      const fields = {};
      for (const name of order) {
        if (!same(work.get(name), base.get(name))) {
          fields[name] = { ...work.get(name), raw: rows.get(name).raw, base: base.get(name) };
        }
      }
      return { fields, past: history.past.slice(-300) };
    },
    restore(draft) {
      let count = 0;
      for (const [name, kept] of Object.entries(draft.fields ?? {})) {
        if (!rows.has(name)) continue;
        work.set(name, { text: kept.text, state: kept.state, done: kept.done });
        rows.get(name).raw = kept.raw === true;
        paint(name);
        count += 1;
      }
      history = { past: (draft.past ?? []).filter((step) => rows.has(step.field)), future: [] };
      return count;
    },
    // What somebody else has set meanwhile becomes what stands; the operator's words stay.
    rebase(name, standing) {
      const mine = work.get(name), untouched = same(mine, base.get(name));
      base.set(name, { ...standing, done: false });
      if (untouched) work.set(name, base.get(name));
      paint(name);
    },
    past: () => history.past,
  };
}

// Draws the eyes to a row, with a message where its meaning stands.
export function flash(element, message) {
  element.classList.remove("flash");
  void element.offsetWidth;
  element.classList.add("flash");
  const meaning = element.querySelector(".meaning");
  if (meaning) meaning.textContent = message;
}

// A click into a text, or a part of it chosen, says that the next key is meant for the text.
export function watchTouch(holder, fields) {
  for (const kind of ["mousedown", "select"]) {
    holder.addEventListener(kind, (event) => {
      const row = event.target.closest?.(".field");
      const whole = event.target.value !== undefined && event.target.selectionStart === 0 &&
        event.target.selectionEnd === event.target.value.length;
      if (row && event.target.matches(".text") && !whole) fields().rows.get(row.dataset.field).pristine = false;
    });
  }
}
