// Vietnamese typing inside the page, for computers without a keyboard program of their own.
// Works on key presses only; where letters with marks arrive by themselves, another program
// (UniKey, the system's keyboard) is at work and this one steps back until it is asked for.

import { strike } from "./telex.js";

const STORE = "hotich.typing";
const METHODS = ["telex", "vni", "off"];
const MARKED = /[\u00c0-\u024f\u1e00-\u1eff]/;

export function startTyping(root, { storage = localStorage, changed = () => {} } = {}) {
  let method = METHODS.includes(storage.getItem(STORE)) ? storage.getItem(STORE) : "telex";
  let foreign = false, own = false;

  const stepBack = () => {
    if (foreign || method === "off") return;
    foreign = true;
    changed({ method, foreign });
  };

  root.addEventListener("compositionstart", stepBack, true);
  root.addEventListener("beforeinput", (event) => {
    if (!own && event.inputType === "insertText" && event.data && MARKED.test(event.data)) stepBack();
  }, true);

  root.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.defaultPrevented || method === "off" || foreign || !takes(input, method, event)) return;
    const at = input.selectionStart, until = input.selectionEnd;
    const word = /[\p{L}\p{M}]*$/u.exec(input.value.slice(0, at))[0];
    const next = strike(word, event.key, method);
    if (next === null) return;
    event.preventDefault();
    own = true;
    input.setRangeText(next, at - word.length, until, "end");
    input.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    own = false;
  });

  return {
    get method() { return foreign ? "off" : method; },
    turn() {
      if (foreign) foreign = false;
      else method = METHODS[(METHODS.indexOf(method) + 1) % METHODS.length];
      storage.setItem(STORE, method);
      changed({ method, foreign });
    },
    tell: () => changed({ method, foreign }),
  };
}

// True for a single character, struck on a real key, in a field that takes words.
function takes(input, method, event) {
  if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return false;
  if (input.dataset.typing === undefined) return false;
  if (method === "vni" && input.dataset.typing === "digits" && /\d/.test(event.key)) return false;
  // Keyboard programs send letters without a physical key: those are theirs.
  const physical = event.code !== "";
  return (
    physical && event.key.length === 1 && !event.isComposing && event.keyCode !== 229 &&
    !event.ctrlKey && !event.altKey && !event.metaKey
  );
}
