// Files of a delivery on their way in: several at a time, each piece with its digest, for ever
// again after a broken line. What is here already is asked from the server, not remembered.

import { chosenFiles, droppedFiles } from "./chosen.js";
import { ask, insist } from "./net.js";
import { sha256 } from "./sha256.js";

const AT_ONCE = 3, PIECE = 8 * 1024 * 1024, DELAYS = [0, 500, 1000, 2000, 4000, 8000], AGAIN_MS = 5000;

const part = document.getElementById("upload");
const texts = JSON.parse(document.getElementById("upload-texts").textContent);
const show = Object.fromEntries(
  ["running", "all", "share", "told", "pause", "resume", "bad", "check", "drop", "whole"].map(
    (name) => [name, document.getElementById(name)]),
);
const delivery = part.dataset.delivery;
const waiting = [], running = new Set();
let total = 0, here = 0, files = 0, whole = 0, paused = false, failed = false, began = 0, sent = 0;

// tus-js-client has no checksums of its own: they are put on where a piece leaves.
const plain = tus.defaultOptions.httpStack;
const summing = {
  getName: () => "summing",
  createRequest(method, url) {
    const request = plain.createRequest(method, url);
    const send = request.send.bind(request), abort = request.abort.bind(request);
    let aborted = false;
    request.abort = () => { aborted = true; return abort(); };
    request.send = async (body = null) => {
      if (body) request.setHeader("Upload-Checksum", `sha256 ${await sha256(await body.arrayBuffer())}`);
      return aborted ? new Promise(() => {}) : send(body);
    };
    return request;
  },
};

function begin(file, known) {
  const job = { file, sent: known ? known.received : 0, upload: null };
  job.upload = new tus.Upload(file.file, {
    endpoint: "/uploads",
    uploadUrl: known ? known.url : null,
    chunkSize: PIECE,
    retryDelays: DELAYS,
    uploadDataDuringCreation: true,
    storeFingerprintForResuming: false,
    headers: { Accept: "application/json" },
    metadata: { delivery, path: file.path, modified: String(file.modified) },
    httpStack: summing,
    onShouldRetry: (error) => again(status(error)),
    onProgress: (done) => moved(job, done),
    onChunkComplete: (_size, done) => moved(job, done),
    onSuccess: () => ended(job),
    onError: (error) => broken(job, error),
  });
  running.add(job);
  job.upload.start();
}

const status = (error) => error.originalResponse?.getStatus() ?? 0;
// 460: a piece came in damaged; 409, 423: somebody else, or an older self, is at it.
const again = (code) => code < 400 || code >= 500 || [409, 423, 429, 460].includes(code);

function moved(job, done) {
  const more = Math.max(0, done - job.sent);
  here += done - job.sent;
  sent += more;
  job.sent = done;
  paint();
}

function ended(job) {
  running.delete(job);
  moved(job, job.file.file.size);
  whole += 1;
  next();
}

function broken(job, error) {
  running.delete(job);
  here -= job.sent;
  const code = status(error);
  if (code === 401 || code === 403) {
    waiting.unshift(job.file);
    stop(texts.login);
  } else if (again(code) || code === 404) {
    waiting.unshift(job.file);
    show.told.textContent = code === 507 ? error.originalResponse.getBody() : texts.waiting;
    setTimeout(resumeAll, AGAIN_MS);
  } else {
    failed = true;
    const why = error.originalResponse?.getBody() || code;
    const line = document.createElement("li");
    line.textContent = texts.refused.replace("{name}", job.file.path).replace("{why}", why);
    show.bad.append(line);
    files -= 1;
    total -= job.file.file.size;
    next();
  }
}

function next() {
  while (!paused && running.size < AT_ONCE && waiting.length) {
    const file = waiting.shift();
    begin(file, file.known);
  }
  if (!running.size && !waiting.length) finished();
  else paint();
}

function finished() {
  show.all.value = 1;
  show.share.textContent = "100 %";
  show.pause.hidden = show.resume.hidden = true;
  show.told.textContent = failed ? "" : texts.done;
  show.check.disabled = whole === 0;
}

function paint() {
  if (paused) return;
  const share = total ? here / total : 1;
  show.all.value = share;
  show.share.textContent = `${Math.floor(share * 100)} %`;
  const seconds = (performance.now() - began) / 1000, speed = sent / Math.max(seconds, 0.5);
  const left = speed > 0 ? (total - here) / speed : 0;
  show.told.textContent = texts.sending
    .replace("{done}", whole).replace("{all}", files)
    .replace("{speed}", (speed / 1e6).toFixed(1)).replace("{left}", span(left));
}

function span(seconds) {
  if (seconds < 90) return texts.seconds.replace("{n}", Math.ceil(seconds));
  if (seconds < 5400) return texts.minutes.replace("{n}", Math.round(seconds / 60));
  return texts.hours.replace("{n}", (seconds / 3600).toFixed(1));
}

function stop(why) {
  paused = true;
  for (const job of running) {
    job.upload.abort();
    here -= job.sent;
    waiting.unshift(job.file);
  }
  running.clear();
  show.told.textContent = why;
  show.pause.hidden = true;
  show.resume.hidden = false;
}

// Where things stand is asked anew: the server knows better than we what arrived.
async function resumeAll() {
  const known = await listed();
  here = 0;
  for (const [path, one] of known) {
    if (![...running].some((job) => job.file.path === path)) here += one.received;
  }
  for (const job of running) here += job.sent;
  for (const file of waiting) file.known = same(known.get(file.path), file);
  paused = false;
  show.pause.hidden = false;
  show.resume.hidden = true;
  next();
}

const same = (one, file) =>
  one && one.size === file.file.size && one.modified === file.modified ? one : null;

async function listed() {
  const answer = await insist(() => ask("GET", `/deliveries/${delivery}/files`));
  if (answer.status !== 200) {
    stop(texts.login);
    return new Map();
  }
  return new Map(answer.data.map((one) => [one.path, one]));
}

async function add(found) {
  if (!found.length) {
    show.running.hidden = false;
    show.told.textContent = texts.nothing;
    return;
  }
  show.running.hidden = show.pause.hidden = false;
  show.whole.hidden = true;
  show.check.disabled = true;
  began = performance.now();
  sent = 0;
  const known = await listed();
  let skipped = 0;
  for (const file of found) {
    file.known = same(known.get(file.path), file);
    files += 1;
    total += file.file.size;
    if (file.known && file.known.received === file.file.size) {
      skipped += 1;
      whole += 1;
      here += file.file.size;
    } else {
      here += file.known ? file.known.received : 0;
      waiting.push(file);
    }
  }
  next();
  if (skipped && !failed) show.told.textContent += ` ${texts.skipped.replace("{n}", skipped)}`;
}

for (const id of ["folder", "files"]) {
  const input = document.getElementById(id);
  const take = () => {
    add(chosenFiles(input.files));
    input.value = "";
  };
  input.addEventListener("change", take);
  if (input.files.length) take(); // on a slow line somebody has chosen before this script was here
}
show.drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  show.drop.classList.add("over");
});
show.drop.addEventListener("dragleave", () => show.drop.classList.remove("over"));
show.drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  show.drop.classList.remove("over");
  add(await droppedFiles(event.dataTransfer));
});
show.pause.addEventListener("click", () => stop(texts.paused));
show.resume.addEventListener("click", () => resumeAll());
addEventListener("online", () => { if (waiting.length && !paused) resumeAll(); });
addEventListener("beforeunload", (event) => {
  if (running.size || waiting.length) event.preventDefault();
});
