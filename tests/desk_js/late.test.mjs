import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { startMeaning } from "../../desk/static/meaning.js";
import { startPresence } from "../../desk/static/presence.js";

const soon = () => new Promise((done) => setImmediate(done));

// A server that answers when told to; an aborted request gets no answer, as in a browser.
function server() {
  const asked = [];
  globalThis.fetch = (url, { signal }) => new Promise((done, failed) => {
    asked.push({ url, answer: (status, data) => done(Response.json(data ?? {}, { status })) });
    signal.addEventListener("abort", () => failed(new Error("aborted")));
  });
  return asked;
}

function pages() {
  mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  globalThis.window = { addEventListener() {} };
}

test("no answer about an entry that was laid down is waited for or shown", async () => {
  pages();
  const asked = server(), row = { meaning: { textContent: "" }, doubt: "" };
  const fields = { work: new Map([["name", { text: "Lan", state: "written" }]]), rows: new Map([["name", row]]) };
  const meaning = startMeaning(() => ({ id: 1, fields }));
  meaning.ask("name");
  meaning.forget();
  mock.timers.tick(1000);
  assert.equal(asked.length, 0);
  meaning.ask("name");
  mock.timers.tick(1000);
  assert.equal(asked.length, 1);
  meaning.forget();
  asked[0].answer(200, { ok: true, meaning: "too late" });
  await soon();
  assert.equal(row.meaning.textContent, "");
  meaning.ask("name");
  mock.timers.tick(1000);
  asked[1].answer(200, { ok: true, meaning: "in time" });
  await soon();
  assert.equal(row.meaning.textContent, "in time");
  mock.timers.reset();
});

test("a sign of life that comes after the entry was laid down says nothing of the next one", async () => {
  pages();
  const asked = server(), told = [], say = (what) => () => told.push(what);
  const presence = startPresence(() => ({ id: 1, token: "t" }), {
    ended: say("ended"), lost: say("lost"), gone: say("gone"), back: say("back"), otherWindow: say("other"),
  });
  mock.timers.tick(25_000);
  presence.forget();
  asked[0].answer(409);
  await soon();
  assert.deepEqual(told, []);
  mock.timers.tick(25_000);
  asked[1].answer(409);
  await soon();
  assert.deepEqual(told, ["lost"]);
  mock.timers.tick(25_000);
  mock.timers.tick(15_000); // nobody answers: that is to be told
  await soon();
  assert.deepEqual(told, ["lost", "gone"]);
  mock.timers.reset();
});
