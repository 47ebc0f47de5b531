// From a key to what it means on the desk. Pure: the event's plain properties in, a command out.
// Function keys and Alt with a letter only where browsers and Vietnamese typing leave them free:
// not F1's neighbours that reload, search or leave the page, not Alt+D, E, F.

const STATES_BY_CODE = {
  F2: "blank", F4: "unreadable", F8: "struck", F9: "ditto",
};
const ALT = {
  KeyR: { state: "blank" }, KeyK: { state: "unreadable" }, KeyG: { state: "struck" }, KeyN: { state: "ditto" },
  KeyB: { command: "skip" }, KeyL: { command: "escalate" }, KeyQ: { command: "rescan" },
  KeyV: { command: "method" }, KeyP: { command: "earlier" }, KeyT: { command: "column" }, KeyU: { command: "boxes" }, KeyH: { command: "voidEntry" },
  KeyM: { command: "links" }, Digit0: { command: "wholePage" },
  KeyC: { command: "contrast" }, KeyO: { command: "rotate" },
};
const LONE_SIGNS = { "-": "blank", "?": "unreadable", "=": "struck", '"': "ditto" };
const PLAIN = {
  F1: "help", F6: "pane", PageUp: "zoomIn", PageDown: "zoomOut", Escape: "revert",
  ArrowDown: "next", ArrowUp: "previous",
};

// pristine: nothing typed since the field got the focus; digits: a value may begin with a digit.
// Gives {command, ...} or null where the key is for typing.
export function command(event, { pristine = false, digits = false } = {}) {
  if (event.isComposing || event.keyCode === 229) return null;
  const { key, code, ctrlKey, altKey, shiftKey, metaKey } = event;
  if (metaKey) return null;
  if (ctrlKey && !altKey) return withControl(code, key, shiftKey);
  if (altKey && !ctrlKey) {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(code);
    if (digit && code.startsWith("Digit")) return { command: "choose", index: Number(digit[1]) - 1 };
    const found = ALT[code];
    if (!found) return null;
    return found.state ? { command: "state", state: found.state } : found;
  }
  if (ctrlKey || altKey) return null;
  if (key === "Enter") return { command: shiftKey ? "previousDoubt" : "accept" };
  if (STATES_BY_CODE[key] && !shiftKey) return { command: "state", state: STATES_BY_CODE[key] };
  if (PLAIN[key] && !shiftKey) return { command: PLAIN[key] };
  if (pristine) {
    if (LONE_SIGNS[key]) return { command: "state", state: LONE_SIGNS[key] };
    if (!digits && /^[1-9]$/.test(key)) return { command: "choose", index: Number(key) - 1 };
  }
  return null;
}

function withControl(code, key, shift) {
  if (code === "KeyZ") return { command: shift ? "redo" : "undo" };
  if (code === "KeyY") return { command: "redo" };
  if (key === "Enter") return { command: "save" };
  if (key === "ArrowDown") return { command: "nextDoubt" };
  if (key === "ArrowUp") return { command: "previousDoubt" };
  return null;
}
