// A unit's links by keys: arrows go from one to the next, figures say what it is.

const SAYS = { 1: "confirmed", 2: "refused", 0: "suggested" };
const items = [...document.querySelectorAll(".listed .link")];

function go(item) {
  if (!item) return;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const item = event.target.closest?.(".listed .link");
  if (!item) return;
  const at = items.indexOf(item);
  if (event.key === "ArrowDown") go(items[at + 1]);
  else if (event.key === "ArrowUp") go(items[at - 1]);
  else if (event.key === "3") window.open(item.querySelector("[data-look]").href, "_blank", "noopener");
  else if (event.key in SAYS) item.querySelector(`button[value=${SAYS[event.key]}]`)?.click();
  else return;
  event.preventDefault();
});
// Back from a word on one link, at the one after it; else at the strongest.
go(document.getElementById(location.hash.slice(1)) ?? items[0]);
