// What a typed text means; asked of the server, which alone knows lunar months and old places.

import { Gone, ask } from "./net.js";

const WAIT_MS = 120;

// at() gives the id of the entry and its fields.
export function startMeaning(at) {
  let timer = null;

  async function look(name) {
    const { id, fields } = at();
    const { text, state } = fields.work.get(name);
    const row = fields.rows.get(name);
    row.doubt = "";
    if (!text) {
      row.meaning.textContent = "";
      return;
    }
    try {
      const { status, data } = await ask("POST", `/entry/${id}/meaning`, { field: name, text, state });
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
  };
}
