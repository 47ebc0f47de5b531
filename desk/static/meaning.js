// What a typed text means; asked of the server, which alone knows lunar months and old places.

import { Gone, ask } from "./net.js";

const WAIT_MS = 120;

// at() gives the id of the entry and its fields. forget() before the entry is laid down: what is
// on its way or about to be asked would come when it is no longer in these hands.
export function startMeaning(at) {
  let timer = null, stop = null;

  async function look(name) {
    const { id, fields } = at();
    const { text, state } = fields.work.get(name);
    const row = fields.rows.get(name);
    row.doubt = "";
    if (!text) {
      row.meaning.textContent = "";
      return;
    }
    stop?.abort();
    stop = new AbortController();
    try {
      const { status, data } = await ask("POST", `/entry/${id}/meaning`, { field: name, text, state }, { stop });
      if (status !== 200 || at().id !== id || fields.work.get(name).text !== text) return;
      row.meaning.textContent = data.ok ? data.meaning : `✗ ${data.message}`;
      row.doubt = data.ok ? "" : data.message;
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  }

  return {
    ask(name) {
      clearTimeout(timer);
      timer = setTimeout(() => look(name), WAIT_MS);
    },
    forget() {
      clearTimeout(timer);
      stop?.abort();
    },
  };
}
