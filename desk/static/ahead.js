// The next entry and its pictures, fetched while the operator is still at this one.

import { ask } from "./net.js";

export function ahead(at, tilesFor) {
  let pictures = [];
  const coming = (async () => {
    const { status, data: html } = await ask("GET", `/entry/ahead?now=${at}`, undefined);
    if (status !== 200 || typeof html !== "string") return null;
    const body = new DOMParser().parseFromString(html, "text/html").body;
    const entry = JSON.parse(body.querySelector("#entry-data").textContent);
    pictures = [...body.querySelectorAll(".field:not(.absent) .crop img")].map((img) => load(img.getAttribute("src")));
    for (const page of entry.pages) {
      pictures.push(load(`${page.tiles}/${page.first}/0_0`));
      if (page.head) pictures.push(load(page.head.src));
    }
    const first = entry.fields.find((field) => field.doubtful) ?? entry.fields.find((field) => !field.absent);
    if (first) pictures.push(...tilesFor(entry.pages[first.page], first.rect).map(load));
    return { id: entry.id, nodes: [...body.childNodes] };
  })().catch(() => null);

  function load(src) {
    const picture = new Image();
    picture.src = src;
    return picture;
  }

  return {
    // What is there by now; waits for what is on its way, never for more than a moment.
    take: () => Promise.race([coming, new Promise((done) => setTimeout(() => done(null), 3000))]),
    ready: coming,
    pictures: () => pictures.length,
  };
}
