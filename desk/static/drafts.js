// Drafts: on this computer with every key, on the server soon after. What is newer counts.

const PREFIX = "hotich.draft.";
const PENDING_MS = 600;
const KEPT_DAYS = 30;

export const keyOf = (user, entry) => `${PREFIX}${user}.${entry}`;

// The newer of two drafts of one entry; either may be missing.
export function newer(local, server) {
  if (!local) return server ?? null;
  if (!server) return local;
  return (server.at ?? 0) > (local.at ?? 0) ? server : local;
}

export function readLocal(storage, user, entry) {
  try {
    return JSON.parse(storage.getItem(keyOf(user, entry)));
  } catch {
    return null;
  }
}

// Keeps a draft; where the store is full, drafts of long ago make room.
export function writeLocal(storage, user, entry, draft) {
  const text = JSON.stringify(draft);
  try {
    storage.setItem(keyOf(user, entry), text);
  } catch {
    sweep(storage, draft.at, 0);
    try {
      storage.setItem(keyOf(user, entry), text);
    } catch {
      return false;
    }
  }
  return true;
}

export const dropLocal = (storage, user, entry) => storage.removeItem(keyOf(user, entry));

// Forgets drafts that nobody came back to.
export function sweep(storage, now, days = KEPT_DAYS) {
  for (let i = storage.length - 1; i >= 0; i -= 1) {
    const key = storage.key(i);
    if (!key?.startsWith(PREFIX)) continue;
    let at = 0;
    try {
      at = JSON.parse(storage.getItem(key)).at ?? 0;
    } catch { /* unreadable: goes */ }
    if (now - at > days * 86_400_000) storage.removeItem(key);
  }
}

// Sends the last of many drafts: at most one request on its way, none lost, tried again when it fails.
// send(draft, stop) gives whether it arrived; forget() gives up what waits and stops what is on its
// way: an answer that came after the entry is saved would say that a draft is kept.
export function sender(send, { wait = PENDING_MS, setTimer = setTimeout, clearTimer = clearTimeout } = {}) {
  let latest = null, timer = null, way = null;
  const flush = async () => {
    clearTimer(timer);
    timer = null;
    if (way !== null || latest === null) return;
    const draft = latest, mine = way = new AbortController();
    latest = null;
    let sent = false;
    try {
      sent = await send(draft, mine);
    } catch { /* no network: below */ }
    if (way !== mine) return;
    way = null;
    if (!sent && latest === null) latest = draft;
    if (latest !== null) timer = setTimer(flush, sent ? wait : 8 * wait);
  };
  return {
    push(draft) {
      latest = draft;
      if (timer === null && way === null) timer = setTimer(flush, wait);
    },
    flush,
    forget() {
      latest = null;
      way?.abort();
      way = null;
      clearTimer(timer);
      timer = null;
    },
  };
}
