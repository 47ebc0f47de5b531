// Giving an entry back with a reason, and the table of keys.

export function startDialogs(texts, { give, closed }) {
  const dialog = document.getElementById("give");
  const keys = document.getElementById("keys-table");
  const reason = document.getElementById("give-reason");
  const list = dialog.querySelector(".reasons");
  let kind = "";

  dialog.addEventListener("close", () => {
    const said = reason.value.trim();
    closed();
    if (dialog.returnValue === "yes") give(kind, said);
  });
  keys.addEventListener("close", closed);
  dialog.addEventListener("keydown", (event) => {
    const digit = /^[1-9]$/.exec(event.key);
    const typedIn = reason.value !== "" && !texts.reasons[kind].includes(reason.value);
    if (!digit || event.altKey || event.ctrlKey || typedIn) return;
    const chosen = texts.reasons[kind][Number(digit[0]) - 1];
    if (!chosen) return;
    event.preventDefault();
    reason.value = chosen;
    reason.select();
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    reason.value = button.dataset.reason;
    reason.focus();
  });

  return {
    ask(what) {
      kind = what;
      document.getElementById("give-title").textContent = texts.giveTitles[what];
      list.replaceChildren(...texts.reasons[what].map((text, at) => {
        const item = document.createElement("li"), button = document.createElement("button");
        const key = document.createElement("kbd");
        key.textContent = String(at + 1);
        button.type = "button";
        button.tabIndex = -1;
        button.dataset.reason = text;
        button.append(key, ` ${text}`);
        item.append(button);
        return item;
      }));
      reason.value = "";
      reason.required = true;
      dialog.returnValue = "no";
      dialog.showModal();
      reason.focus();
    },
    keys: () => keys.showModal(),
  };
}
