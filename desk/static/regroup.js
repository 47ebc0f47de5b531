// Entries of a page split and joined: where the cut runs, or where the second form lies.

import { ask, Gone } from "./net.js";

const SMALL_MM = 0.5, LARGE_MM = 5, LEAST = 0.05;
const byId = (id) => document.getElementById(id);

// Upper and lower edge of a box, both from left to right.
function chains(polygon) {
  const half = Math.floor(polygon.length / 2);
  return [polygon.slice(0, half), polygon.slice(half, 2 * half).reverse()];
}

function between(polygon, share) {
  const [top, bottom] = chains(polygon);
  return top.map(([x, y], n) => [x + share * (bottom[n][0] - x), y + share * (bottom[n][1] - y)]);
}

export function openRegroup({ data, texts, frame, make, toScreen, toPage, say, page, show, pending, finished }) {
  const which = byId("which"), told = byId("regrouped"), words = byId("words"), cutting = byId("cutting");
  const layer = make("svg", { class: "lines cuts" });
  frame.insertBefore(layer, frame.querySelector(".pane-tools"));
  let cut = null, sure = false, busy = false, closed = false, again = null;

  for (const { at, number } of data.entries) {
    const text = (number ? texts.numbered : texts.entry).replace("{n}", at + 1).replace("{number}", number);
    which.append(new Option(text, String(at), at === data.entry, at === data.entry));
  }
  byId("unregroup").hidden = !data.last;

  const entry = () => Number(which.value);
  const boxesOf = (at, n) => data.pages[n].boxes.filter((box) => box.entry === at);
  const heightOf = (boxes) => Math.max(...boxes.map(({ at }) => Math.max(...at.map(([, y]) => y)) - Math.min(...at.map(([, y]) => y))));
  const mm = () => data.pages[page()].mm;

  function start() {
    if (closed) return;
    if (pending()) {
      say(texts.saveFirst, "warn");
      return;
    }
    reset();
    const at = boxesOf(entry(), page()).length ? page() : data.pages.findIndex((_, n) => boxesOf(entry(), n).length);
    if (at < 0) return;
    if (at !== page()) show(at);
    const ys = boxesOf(entry(), at).flatMap((box) => box.at.map(([, y]) => y));
    cut = data.cuts ? { share: 0.5 } : { dx: 0, dy: Math.max(...ys) - Math.min(...ys) };
    cutting.hidden = false;
    build();
    layer.querySelector(".handle").focus();
    tell();
    told.scrollIntoView({ block: "nearest" });
  }

  function reset() {
    cut = null;
    sure = false;
    again = null;
    cutting.hidden = true;
    words.hidden = true;
    words.replaceChildren();
    layer.replaceChildren();
    told.textContent = "";
  }

  function build() {
    const slider = data.cuts ? { role: "slider", "aria-orientation": "vertical", "aria-valuemin": "5", "aria-valuemax": "95" } : { role: "button" };
    const group = make("g", { class: "handle now", tabindex: "0", "aria-label": data.cuts ? texts.cutLine : texts.copyAt, ...slider });
    for (let n = boxesOf(entry(), page()).length; n > 0; n -= 1) {
      const shape = data.cuts ? "polyline" : "polygon";
      group.append(make(shape, { class: "reach" }), make(shape, { class: "seen" }));
    }
    group.addEventListener("keydown", move);
    group.addEventListener("pointerdown", drag);
    layer.replaceChildren(group);
    draw();
  }

  function draw() {
    const group = layer.querySelector(".handle");
    if (!cut || !group) return;
    const shapes = [...group.children];
    boxesOf(entry(), page()).forEach(({ at }, n) => {
      const line = data.cuts ? between(at, cut.share) : at.map(([x, y]) => [x + cut.dx, y + cut.dy]);
      const points = line.map((point) => toScreen(point).map((v) => v.toFixed(1)).join(",")).join(" ");
      for (const one of [shapes[2 * n], shapes[2 * n + 1]]) one?.setAttribute("points", points);
    });
    if (data.cuts) group.setAttribute("aria-valuenow", String(Math.round(cut.share * 100)));
  }

  function tell() {
    const round = (pixels) => (pixels / mm()).toFixed(1);
    told.textContent = data.cuts ? texts.cutAt.replace("{share}", Math.round(cut.share * 100))
      : texts.copied.replace("{across}", round(cut.dx)).replace("{down}", round(cut.dy));
  }

  function by(x, y) {
    if (data.cuts) cut.share = Math.min(1 - LEAST, Math.max(LEAST, cut.share + y / heightOf(boxesOf(entry(), page()))));
    else cut = { dx: cut.dx + x, dy: cut.dy + y };
    tell();
    draw();
  }

  function move(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const far = (event.shiftKey ? LARGE_MM : SMALL_MM) * mm();
    by(way[0] * far, way[1] * far);
  }

  function drag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const group = event.currentTarget, box = frame.querySelector(".pane-stage").getBoundingClientRect();
    const place = (one) => toPage([one.clientX - box.left, one.clientY - box.top]);
    let last = place(event);
    group.focus();
    group.setPointerCapture(event.pointerId);
    const go = (one) => {
      const now = place(one);
      by(now[0] - last[0], now[1] - last[1]);
      last = now;
    };
    const end = () => ["pointermove", "pointerup", "pointercancel"].forEach((name) => group.removeEventListener(name, name === "pointermove" ? go : end));
    group.addEventListener("pointermove", go);
    group.addEventListener("pointerup", end);
    group.addEventListener("pointercancel", end);
  }

  function apply() {
    if (again) return send(again.what, again.body);
    if (!cut) return null;
    const body = data.cuts ? { share: Number(cut.share.toFixed(4)) }
      : { across_mm: Number((cut.dx / mm()).toFixed(2)), down_mm: Number((cut.dy / mm()).toFixed(2)) };
    return send("split", { entry: entry(), ...body });
  }

  function join() {
    if (closed) return;
    if (pending()) {
      say(texts.saveFirst, "warn");
    } else if (!data.entries.some(({ at }) => at === entry() + 1)) {
      say(texts.noBelow, "warn");
    } else if (!sure) {
      reset();
      sure = true;
      told.textContent = texts.sure;
      byId("join").focus();
      told.scrollIntoView({ block: "nearest" });
    } else {
      send("join", { entry: entry() });
    }
  }

  function takeBack() {
    if (pending()) say(texts.saveFirst, "warn");
    else send("regroup-undo", {});
  }

  async function send(what, body) {
    if (busy || closed) return;
    busy = true;
    const choices = Object.fromEntries([...words.querySelectorAll("input:checked")].map((one) => [one.name, one.value]));
    try {
      const { status, data: answer } = await ask("POST", `${data.base}/${what}`, { stamp: data.stamp, choices, ...body }, { seconds: 60 });
      if (status === 200) {
        reset();
        finished(answer.scans);
      } else if (status === 401) say(texts.sessionEnded, "warn");
      else if (answer?.error === "WordsDifferError") choose(answer, what, body);
      else if (answer?.error === "StaleEntryError") say(texts.stale, "warn");
      else say(answer?.what ?? texts.notSaved, "warn");
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      say(texts.noNetwork, "warn");
    }
    busy = false;
  }

  // People said different things in both: each word is shown, one is chosen.
  function choose(answer, what, body) {
    say(answer.what, "warn");
    again = { what, body };
    words.replaceChildren(...answer.words.map((one) => {
      const group = document.createElement("fieldset"), legend = document.createElement("legend");
      legend.textContent = one.label;
      group.append(legend);
      for (const [value, text] of [["first", one.first], ["second", one.second], ...(one.both ? [["both", `${one.first} ${one.second}`]] : [])]) {
        const label = document.createElement("label"), input = document.createElement("input");
        Object.assign(input, { type: "radio", name: one.field, value });
        label.append(input, ` ${text} (${texts[value]})`);
        group.append(label);
      }
      return group;
    }));
    words.hidden = false;
    cutting.hidden = false;
    byId("cut-save").textContent = byId("save").textContent;
    words.querySelector("input").focus();
  }

  byId("split").addEventListener("click", start);
  byId("join").addEventListener("click", join);
  byId("cut-save").addEventListener("click", apply);
  byId("cut-leave").addEventListener("click", reset);
  byId("unregroup").addEventListener("click", takeBack);
  which.addEventListener("change", reset);

  return {
    draw,
    // Whether the key was one of these.
    key(event) {
      if (closed) return false;
      if (event.altKey && event.code === "KeyS") start();
      else if (event.altKey && event.code === "KeyJ") join();
      else if (event.altKey && event.code === "KeyZ" && !byId("unregroup").hidden) takeBack();
      else if (event.ctrlKey && event.key === "Enter" && (cut || again)) apply();
      else if (event.key === "Escape" && (cut || sure || again)) {
        reset();
        which.focus();
      } else return false;
      return true;
    },
    close() {
      closed = true;
      reset();
      for (const one of byId("regroup").elements) one.disabled = true;
    },
  };
}
