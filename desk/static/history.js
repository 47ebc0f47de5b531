// Undo without end: every change of every field, in the order in which they were made.
// Plain data, so that it goes into the draft and survives whatever the page does not.

const BURST_MS = 1500;

export const empty = () => ({ past: [], future: [] });

// Notes a change; what is typed in one burst into one field is one step.
export function note(history, { field, before, after, kind }, now) {
  if (same(before, after)) return history;
  const last = history.past.at(-1);
  if (
    last && kind === "typing" && last.kind === "typing" && last.field === field &&
    now - last.at < BURST_MS && history.future.length === 0
  ) {
    const joined = { ...last, after, at: now };
    return { past: [...history.past.slice(0, -1), joined], future: [] };
  }
  return { past: [...history.past, { field, before, after, kind, at: now }], future: [] };
}

// [history, step to take back] or null where nothing is left.
export function undo(history) {
  const step = history.past.at(-1);
  if (!step) return null;
  return [{ past: history.past.slice(0, -1), future: [step, ...history.future] }, step];
}

// [history, step to do again] or null.
export function redo(history) {
  const [step, ...rest] = history.future;
  if (!step) return null;
  return [{ past: [...history.past, step], future: rest }, step];
}

export function same(one, other) {
  return one.text === other.text && one.state === other.state && one.done === other.done;
}
