// Signs of life to the server, and what other windows and the network do meanwhile.

import { ask } from "./net.js";

const ALIVE_MS = 25_000;

// at() gives the entry in hand and its token, or null; the callbacks say what happened. forget()
// before the entry is laid down: a sign of life on its way would come too late.
export function startPresence(at, { ended, lost, gone, back, otherWindow }) {
  const tab = Math.random().toString(36).slice(2);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("hotich-entry") : null;

  let sign = null;

  setInterval(async () => {
    const here = at();
    if (!here) return;
    const stop = sign = new AbortController();
    try {
      const { status } = await ask("POST", `/entry/${here.id}/alive`, { token: here.token }, { stop });
      if (sign !== stop) return;
      if (status === 401) ended();
      else if (status === 409) lost();
      else back();
    } catch {
      if (sign === stop) gone();
    }
  }, ALIVE_MS);
  window.addEventListener("offline", gone);
  window.addEventListener("online", back);
  if (channel) {
    channel.onmessage = ({ data: other }) => {
      if (other.tab !== tab && other.entry === at()?.id) otherWindow();
    };
  }
  return {
    here: (entry) => channel?.postMessage({ tab, entry }),
    forget() {
      sign?.abort();
      sign = null;
    },
  };
}
