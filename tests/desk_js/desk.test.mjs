import assert from "node:assert/strict";
import { test } from "node:test";

import { keyOf, newer, readLocal, sender, sweep, writeLocal } from "../../desk/static/drafts.js";
import { empty, note, redo, undo } from "../../desk/static/history.js";
import { command } from "../../desk/static/keys.js";
import { along, openMoves } from "../../desk/static/moves.js";

const press = (key, more = {}) => ({ key, code: more.code ?? key, ...more });
const at = (text, done = false) => ({ text, state: "written", done });

class Store {
  constructor(room = Infinity) { this.room = room; this.map = new Map(); }
  get length() { return this.map.size; }
  key(i) { return [...this.map.keys()][i] ?? null; }
  getItem(key) { return this.map.get(key) ?? null; }
  removeItem(key) { this.map.delete(key); }
  setItem(key, text) {
    if (!this.map.has(key) && this.map.size >= this.room) throw new Error("QuotaExceededError");
    this.map.set(key, text);
  }
}

test("digits choose a candidate only before anything is typed and where no value begins with one", () => {
  const two = press("2", { code: "Digit2" });
  assert.deepEqual(command(two, { pristine: true }), { command: "choose", index: 1 });
  assert.equal(command(two, { pristine: false }), null);
  assert.equal(command(two, { pristine: true, digits: true }), null);
  assert.deepEqual(command({ ...two, altKey: true }, { digits: true }), { command: "choose", index: 1 });
});

test("a lone sign states what kind of nothing a field is, later it is a sign", () => {
  assert.deepEqual(command(press("-"), { pristine: true }), { command: "state", state: "blank" });
  assert.deepEqual(command(press("?"), { pristine: true }), { command: "state", state: "unreadable" });
  assert.equal(command(press("-"), {}), null);
  assert.deepEqual(command(press("F8"), {}), { command: "state", state: "struck" });
});

test("a keyboard program at work gets its keys", () => {
  assert.equal(command(press("Enter", { isComposing: true })), null);
  assert.equal(command(press("Enter", { keyCode: 229 })), null);
});

test("keys that browsers need stay theirs", () => {
  for (const key of ["F5", "F11", "F12", "Tab"]) assert.equal(command(press(key)), null);
  for (const code of ["KeyT", "KeyW", "KeyR", "KeyL", "KeyC", "KeyV"]) {
    assert.equal(command(press("x", { code, ctrlKey: true })), null);
  }
  for (const code of ["KeyD", "KeyE", "KeyF", "ArrowLeft"]) {
    assert.equal(command(press("x", { code, altKey: true })), null);
  }
});

test("Alt+H crosses the entry out or lifts that, in a field and out of it", () => {
  const key = press("h", { code: "KeyH", altKey: true });
  assert.deepEqual(command(key, { pristine: true }), { command: "voidEntry" });
  assert.deepEqual(command(key, {}), { command: "voidEntry" });
});

test("one burst of typing is one step, and steps go back and forth without end", () => {
  let history = empty();
  history = note(history, { field: "a", before: at(""), after: at("L"), kind: "typing" }, 0);
  history = note(history, { field: "a", before: at("L"), after: at("La"), kind: "typing" }, 100);
  history = note(history, { field: "a", before: at("La"), after: at("La", true), kind: "accept" }, 200);
  history = note(history, { field: "b", before: at("x"), after: at("y"), kind: "typing" }, 300);
  assert.equal(history.past.length, 3);
  let step;
  [history, step] = undo(history);
  assert.deepEqual([step.field, step.before.text], ["b", "x"]);
  [history, step] = undo(history);
  [history, step] = undo(history);
  assert.equal(step.before.text, "");
  assert.equal(undo(history), null);
  [history, step] = redo(history);
  assert.equal(step.after.text, "La");
});

test("a change that changes nothing is no step", () => {
  assert.equal(note(empty(), { field: "a", before: at("x"), after: at("x"), kind: "typing" }, 0).past.length, 0);
});

test("the newer draft counts, wherever it lies", () => {
  assert.equal(newer({ at: 1, from: "here" }, { at: 2, from: "there" }).from, "there");
  assert.equal(newer({ at: 3, from: "here" }, { at: 2, from: "there" }).from, "here");
  assert.equal(newer(null, { at: 2, from: "there" }).from, "there");
  assert.equal(newer(null, null), null);
});

test("drafts of two people on one computer stay apart, and a broken one is none", () => {
  const store = new Store();
  writeLocal(store, 1, 7, { at: 5, fields: {} });
  assert.equal(readLocal(store, 2, 7), null);
  assert.equal(readLocal(store, 1, 7).at, 5);
  store.setItem(keyOf(1, 8), "{half");
  assert.equal(readLocal(store, 1, 8), null);
});

test("a full store gives up the drafts of long ago, never another program's data", () => {
  const store = new Store(2);
  store.setItem("other", "kept");
  writeLocal(store, 1, 1, { at: 0 });
  assert.equal(writeLocal(store, 1, 2, { at: 40 * 86_400_000 }), true);
  assert.equal(readLocal(store, 1, 1), null);
  assert.equal(store.getItem("other"), "kept");
  sweep(store, 100 * 86_400_000);
  assert.equal(readLocal(store, 1, 2), null);
});

test("of many drafts the last is sent, and sent again until it arrives", async () => {
  const sent = [], timers = [];
  let up = false;
  const drafts = sender(async (draft) => { sent.push(draft); return up; }, {
    setTimer: (run) => { timers.push(run); return timers.length; }, clearTimer: () => {},
  });
  drafts.push("a");
  drafts.push("ab");
  assert.equal(timers.length, 1);
  await timers.pop()();
  assert.deepEqual(sent, ["ab"]);
  up = true;
  await timers.pop()();
  assert.deepEqual(sent, ["ab", "ab"]);
  assert.equal(timers.length, 0);
});

test("a forgotten draft on its way is stopped, its end sends nothing again, and the next one goes", async () => {
  const sent = [], timers = [];
  let fail = null;
  const drafts = sender((draft, stop) => {
    sent.push([draft, stop]);
    return new Promise((done, failed) => { fail = failed; });
  }, { setTimer: (run) => { timers.push(run); return timers.length; }, clearTimer: () => {} });
  drafts.push("a");
  const way = timers.pop()();
  drafts.forget();
  assert.equal(sent[0][1].signal.aborted, true);
  drafts.push("b");
  assert.equal(timers.length, 1);
  fail(new Error("stopped"));
  await way;
  assert.equal(timers.length, 1);
  timers.pop()();
  assert.deepEqual(sent.map(([draft]) => draft), ["a", "b"]);
});

const GRID = [0, 10, 30].map((x, index) => ({
  side: "single", edge: "column", index, field: "", line: [[x * 4, 0], [x * 4, 100]], along: [4, 0],
}));

test("an edge follows its own direction, never passes its neighbour, and goes back step by step", () => {
  const moves = openMoves([{ width: 200, height: 100, corners: [[0, 0], [120, 0], [120, 100], [0, 100]], edges: GRID }]);
  assert.equal(along(GRID[1], [8, 50]), 2);
  assert.deepEqual(moves.to(0, 1, 2, "drag1"), { mm: 2, held: false });
  assert.deepEqual(moves.to(0, 1, 50, "drag1"), { mm: 19.5, held: true });
  assert.deepEqual(moves.lineOf(0, 1), [[118, 0], [118, 100]]);
  assert.deepEqual(moves.said(), [{ page: 0, side: "single", edge: "column", index: 1, field: "", by_mm: 19.5 }]);
  moves.corner(0, 2, [500, 90]);
  assert.deepEqual(moves.cornersOf(0)[2], [200, 90]);
  assert.equal(moves.said().length, 2);
  moves.undo();
  moves.undo();
  assert.deepEqual(moves.said(), []);
  assert.equal(moves.undo(), null);
});
