// Suggested links of the entry in hand: fetched once the entry is shown, opened and judged by keys.

import { ask } from "./net.js";

const AFTER_MS = 120;
const SAYS = { 1: "confirmed", 2: "refused", 0: "suggested" };

// at() gives the entry in hand with its token, or null where nothing may be said of it just now.
export function startLinks(holder, { at, back, ended, lost, failed }) {
  let mine = null, body = null, coming = null, waiting = null, word = null;

  const here = () => holder.querySelector("#linked");
  const panel = () => holder.querySelector("#links-panel");
  const isOpen = () => panel()?.hidden === false;

  function open(entry) {
    clearTimeout(waiting);
    mine = entry;
    body = coming = null;
    // The fields come first: the first key has its picture before this is asked for.
    if (here()) waiting = setTimeout(() => load(), AFTER_MS);
  }

  function load() {
    const asked = mine;
    coming ??= ask("GET", `/entry/${asked.id}/links`, undefined).then((answer) => {
      if (asked === mine) put(answer);
    }).catch(() => {
      if (asked === mine) coming = null; // without it the entry is complete; Alt+M asks again
    });
    return coming;
  }

  function put({ status, data }) {
    if (status === 204 && here()) here().hidden = true;
    if (status !== 200 || typeof data !== "string" || !here()) return;
    body = new DOMParser().parseFromString(data, "text/html").querySelector(".links-body");
    panel().replaceChildren(body);
    holder.querySelector("#links-brief").textContent = body.dataset.brief;
  }

  const items = () => [...panel().querySelectorAll(".link")];

  async function toggle() {
    if (!here()) return false;
    if (isOpen()) {
      close();
      return true;
    }
    panel().hidden = false;
    holder.querySelector("#show-links").setAttribute("aria-expanded", "true");
    if (!body) await load();
    if (isOpen()) go(items()[0]);
    return true;
  }

  function close() {
    panel().hidden = true;
    holder.querySelector("#show-links").setAttribute("aria-expanded", "false");
    back();
  }

  function go(item) {
    if (!item) return;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  async function say(item, says) {
    const entry = at();
    if (!entry || entry !== mine || word || item.dataset.state === says) return;
    const order = items().indexOf(item), asked = { token: entry.token, says, was: item.dataset.state };
    panel().inert = true;
    word = ask("POST", `/entry/${entry.id}/links/${item.dataset.link}`, asked).then((answer) => {
      if (entry !== mine) return;
      if (answer.status === 401) ended();
      else if (answer.status === 409) lost();
      else if (answer.status === 200) put(answer);
      else failed();
    }).catch(failed);
    await word;
    word = null;
    if (entry !== mine || !panel()) return;
    panel().inert = false;
    const left = items().filter((one) => one.dataset.state === "suggested");
    const now = items().find((one) => one.dataset.link === item.dataset.link);
    if (panel().querySelector("[role=alert]") || says === "suggested") go(now ?? items()[order] ?? items()[0]);
    else if (left.length > 0) go(left[0]);
    else close();
  }

  function look(item) {
    if (item.dataset.open) window.open(item.dataset.open, "_blank", "noopener");
  }

  holder.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("#links-panel .link");
    if (!item || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const order = items().indexOf(item);
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") go(items()[order + 1]);
    else if (event.key === "ArrowUp") go(items()[order - 1]);
    else if (event.key === "3") look(item);
    else if (event.key in SAYS) say(item, SAYS[event.key]);
    else if (event.key !== "Enter") return;
    // Enter says nothing here: whoever presses it means the field.
    event.preventDefault();
  });
  holder.addEventListener("click", (event) => {
    if (event.target.closest("#show-links")) {
      toggle();
      return;
    }
    const item = event.target.closest("#links-panel .link");
    const button = event.target.closest("[data-says], [data-look]");
    if (!item || !button) return;
    if (button.dataset.says) say(item, button.dataset.says);
    else look(item);
  });

  return {
    open, toggle,
    // A word that is on its way arrives before the entry is laid down.
    settled: async () => word,
  };
}
