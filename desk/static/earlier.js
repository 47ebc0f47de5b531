// The entries saved before, newest first, with their steps: undo goes on where they ended.

const STORE = "hotich.earlier.", MOST = 40, STEPS = 200;

export function earlier(user, storage = localStorage) {
  const read = () => {
    try {
      return JSON.parse(storage.getItem(STORE + user)) ?? [];
    } catch {
      return [];
    }
  };
  return {
    remember(id, past) {
      const list = read().filter((one) => one.id !== id);
      list.unshift({ id, past: past.slice(-STEPS) });
      storage.setItem(STORE + user, JSON.stringify(list.slice(0, MOST)));
    },
    stepsOf: (id) => read().find((one) => one.id === id)?.past ?? [],
    // The entry saved before this one, or null.
    before(id) {
      const list = read();
      const at = list.findIndex((one) => one.id === id);
      return (at < 0 ? list[0] : list[at + 1])?.id ?? null;
    },
  };
}
