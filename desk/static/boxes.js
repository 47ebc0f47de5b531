// The boxes of a page set right: lines and corners over the page, by mouse or by keyboard.

import { along, openMoves } from "./moves.js";
import { ask, Gone } from "./net.js";
import { openPane } from "./pane.js";
import { openRegroup } from "./regroup.js";
import { startSize } from "./size.js";

const SMALL_MM = 0.5, LARGE_MM = 5;
const SVG = "http://www.w3.org/2000/svg";
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const texts = JSON.parse(document.getElementById("texts").textContent);
const data = JSON.parse(document.getElementById("boxes-data").textContent);
const frame = document.getElementById("pane"), banner = document.getElementById("banner");
const chooser = document.getElementById("edge"), told = document.getElementById("moved");
const moves = openMoves(data.pages);
const pane = openPane(frame);
const { viewer } = pane;
const layer = make("svg", { class: "lines" });
layer.setAttribute("role", "group");
layer.setAttribute("aria-label", chooser.labels[0].textContent);
frame.insertBefore(layer, frame.querySelector(".pane-tools"));
let page = data.first, handles = [], current = -1, saving = false, drags = 0;

function make(name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function say(message, kind = "") {
  banner.hidden = message === "";
  banner.textContent = message;
  banner.dataset.kind = kind;
}

// --- drawing ------------------------------------------------------------------------------------

const toScreen = ([x, y]) => {
  const at = viewer.viewport.imageToViewerElementCoordinates(new window.OpenSeadragon.Point(x, y));
  return [at.x, at.y];
};
const toPage = ([x, y]) => {
  const at = viewer.viewport.viewerElementToImageCoordinates(new window.OpenSeadragon.Point(x, y));
  return [at.x, at.y];
};

// A handle is {kind, at, name, element}; corners come first, then edges: those of the field first.
function build() {
  const own = data.pages[page];
  const edges = own.edges.map((edge, at) => ({ kind: "edge", at, name: edge.name, edge }));
  const near = (one) => data.field && (one.edge.field === data.field || one.edge.between.includes(data.field));
  edges.sort((a, b) => Number(near(b)) - Number(near(a)));
  handles = [...own.corner_names.map((name, at) => ({ kind: "corner", at, name })), ...edges];
  const boxes = own.boxes.map((box) => make("polygon", { class: box.own ? "box own" : "box" }));
  // Corners are drawn last: where one lies on an edge, the pointer must meet the corner.
  const drawn = handles.map(element), corners = own.corner_names.length;
  layer.replaceChildren(
    ...boxes, make("polygon", { class: "frame" }), ...drawn.slice(corners), ...drawn.slice(0, corners));
  chooser.replaceChildren(...handles.map(({ name }, n) => new Option(name, String(n))));
  for (const button of document.querySelectorAll("[data-page]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.page) === page));
  }
  say(own.known ? "" : texts.proposal, "warn");
  const first = handles.findIndex((one) => one.kind === "edge" && near(one));
  take(first < 0 ? 0 : first, false);
  draw();
}

function element(handle, n) {
  const shape = handle.kind === "corner" ? "circle" : "line";
  const group = make("g", { class: "handle", tabindex: "0", role: "button", "aria-label": handle.name });
  group.append(make(shape, { class: "reach" }), make(shape, { class: "seen" }));
  group.addEventListener("focus", () => take(n, false));
  group.addEventListener("pointerdown", (event) => startDrag(event, n));
  group.addEventListener("keydown", (event) => byKey(event, n));
  handle.element = group;
  return group;
}

function draw() {
  if (!viewer.viewport || viewer.world.getItemCount() === 0) return;
  const own = data.pages[page];
  const outline = (points) => points.map((point) => toScreen(point).join(",")).join(" ");
  [...layer.querySelectorAll(".box")].forEach((one, n) => one.setAttribute("points", outline(own.boxes[n].at)));
  layer.querySelector(".frame").setAttribute("points", outline(moves.cornersOf(page)));
  regroup.draw();
  handles.forEach((handle, n) => {
    const [reach, seen] = handle.element.children;
    let places;
    if (handle.kind === "corner") {
      const [cx, cy] = toScreen(moves.cornersOf(page)[handle.at]);
      places = [{ cx, cy, r: 14 }, { cx, cy, r: 7 }];
    } else {
      const [[x1, y1], [x2, y2]] = moves.lineOf(page, handle.at).map(toScreen);
      places = [{ x1, y1, x2, y2 }, { x1, y1, x2, y2 }];
    }
    [reach, seen].forEach((one, k) => {
      for (const [key, value] of Object.entries(places[k])) one.setAttribute(key, value.toFixed(1));
    });
    handle.element.classList.toggle("moved", isMoved(handle));
    handle.element.classList.toggle("now", n === current);
  });
}

function isMoved({ kind, at }) {
  return kind === "corner" ? moves.cornersMoved(page) : moves.moved(page, at) !== 0;
}

// --- moving -------------------------------------------------------------------------------------

function take(n, focus = true) {
  current = n;
  chooser.value = String(n);
  if (focus) handles[n].element.focus();
  tell();
  draw();
}

function tell(held = false) {
  const { kind, at, name } = handles[current];
  const mm = kind === "edge" ? moves.moved(page, at) : 0;
  const how = kind === "edge" && mm !== 0 ? texts.moved.replace("{mm}", mm.toFixed(1)) : isMoved(handles[current]) ? "" : texts.unmoved;
  const count = moves.said().length;
  told.textContent = [
    how ? `${name}: ${how}` : name, held ? texts.crossing : "", count ? texts.changes.replace("{n}", count) : "",
  ].filter(Boolean).join(" · ");
}

function startDrag(event, n) {
  if (event.button !== 0) return;
  event.preventDefault();
  event.stopPropagation();
  take(n);
  drags += 1;
  const step = `drag${drags}`, handle = handles[n];
  const place = (one) => {
    const box = frame.querySelector(".pane-stage").getBoundingClientRect();
    return toPage([one.clientX - box.left, one.clientY - box.top]);
  };
  const [x0, y0] = place(event), before = handle.kind === "edge" ? moves.moved(page, handle.at) : 0;
  const [cx, cy] = moves.cornersOf(page)[handle.at] ?? [0, 0];
  handle.element.setPointerCapture(event.pointerId);
  const move = (one) => {
    const [x, y] = place(one);
    let held = false;
    if (handle.kind === "edge") ({ held } = moves.to(page, handle.at, before + along(handle.edge, [x - x0, y - y0]), step));
    else moves.corner(page, handle.at, [cx + x - x0, cy + y - y0], step);
    tell(held);
    draw();
  };
  const end = () => {
    handle.element.removeEventListener("pointermove", move);
    handle.element.removeEventListener("pointerup", end);
    handle.element.removeEventListener("pointercancel", end);
  };
  handle.element.addEventListener("pointermove", move);
  handle.element.addEventListener("pointerup", end);
  handle.element.addEventListener("pointercancel", end);
}

function byKey(event, n) {
  const way = WAYS[event.key];
  if (!way || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const step = event.shiftKey ? LARGE_MM : SMALL_MM, handle = handles[n];
  let held = false;
  if (handle.kind === "edge") {
    // The edge of a column follows left and right, that of a row up and down.
    const upright = Math.abs(handle.edge.along[0]) >= Math.abs(handle.edge.along[1]);
    const sign = upright ? way[0] * Math.sign(handle.edge.along[0]) : way[1] * Math.sign(handle.edge.along[1]);
    if (sign !== 0) ({ held } = moves.to(page, handle.at, moves.moved(page, handle.at) + sign * step));
  } else {
    const [x, y] = moves.cornersOf(page)[handle.at], far = step * data.pages[page].mm;
    moves.corner(page, handle.at, [x + way[0] * far, y + way[1] * far]);
  }
  tell(held);
  draw();
}

function undo() {
  const last = moves.undo();
  if (last && last.page !== page) show(last.page);
  tell();
  draw();
}

// --- pages, saving ------------------------------------------------------------------------------

function show(next) {
  page = next;
  pane.look(page, null);
  build();
}

async function save() {
  if (saving) return;
  const said = moves.said();
  if (said.length === 0) {
    say(texts.nothing, "warn");
    return;
  }
  saving = true;
  const rest = document.querySelector("[name=scope]:checked")?.value === "rest";
  try {
    const { status, data: answer } = await ask("POST", `${data.base}/save`, { stamp: data.stamp, rest, moves: said });
    if (status === 200) finished(answer.scans);
    else if (status === 401) say(texts.sessionEnded, "warn");
    else if (answer?.error === "StaleEntryError") say(texts.stale, "warn");
    else say(answer?.what ?? texts.notSaved, "warn");
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
    say(texts.noNetwork, "warn");
  }
  saving = document.getElementById("save").disabled;
}

function finished(scans) {
  say(texts.done.replace("{n}", scans));
  regroup.close();
  for (const one of ["save", "undo"]) document.getElementById(one).disabled = true;
  layer.setAttribute("inert", "");
  document.getElementById("back").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if (regroup.key(event)) {
    // its own
  } else if (event.key === "Escape") {
    // In a reason that somebody has begun the key leaves the field, not the page.
    if (event.target.id === "reason" && event.target.value) event.target.blur();
    else location.assign(document.getElementById("back").href);
  } else if (event.ctrlKey && event.key === "Enter") save();
  else if (event.ctrlKey && event.code === "KeyZ") undo();
  else if (event.key === "F6") handles[current].element.focus();
  else if (event.altKey && event.code === "Digit0") pane.moves.wholePage();
  else if (event.altKey && event.code === "KeyC") pane.moves.contrast();
  else if (event.altKey && event.code === "KeyO") pane.moves.rotate();
  else if (event.key === "PageUp") pane.moves.zoomIn();
  else if (event.key === "PageDown") pane.moves.zoomOut();
  else return;
  event.preventDefault();
});
chooser.addEventListener("change", () => take(Number(chooser.value), false));
document.getElementById("save").addEventListener("click", save);
document.getElementById("undo").addEventListener("click", undo);
for (const button of document.querySelectorAll("[data-page]")) {
  button.addEventListener("click", () => show(Number(button.dataset.page)));
}
for (const name of ["open", "update-viewport", "resize", "animation"]) viewer.addHandler(name, draw);

const regroup = data.entry < 0 ? { draw() {}, close() {}, key: () => false } : openRegroup({
  data, texts, frame, make, toScreen, toPage, say,
  page: () => page, show, pending: () => moves.said().length > 0, finished,
});

startSize();
pane.load(data.pages);
show(page);
