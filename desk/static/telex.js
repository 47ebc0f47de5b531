// Telex and VNI: what a word becomes when one more key is struck. Pure; the page's part is typing.js.

import { ACUTE, DOT, GRAVE, HOOK, LEVEL, TILDE, knownRow, parse, plausible, spell } from "./syllable.js";

const TONE_KEYS = {
  telex: { s: ACUTE, f: GRAVE, r: HOOK, x: TILDE, j: DOT, z: LEVEL },
  vni: { 1: ACUTE, 2: GRAVE, 3: HOOK, 4: TILDE, 5: DOT, 0: LEVEL },
};
const HAT = { a: "â", e: "ê", o: "ô" }, HORN = { u: "ư", o: "ơ" }, BREVE = { a: "ă" };
const MARK_KEYS = {
  telex: {
    a: [{ a: "â" }], e: [{ e: "ê" }], o: [{ o: "ô" }], w: [HORN, BREVE],
  },
  vni: { 6: [HAT], 7: [HORN], 8: [BREVE] },
};
const STROKE_KEYS = { telex: "d", vni: "9" };
const BARE = { ă: "a", â: "a", ê: "e", ô: "o", ơ: "o", ư: "u" };

// The word after a key, or null where the key is just one more sign.
// method: "telex" or "vni"; word: the letters left of the caret.
export function strike(word, key, method) {
  const low = key.toLowerCase();
  const syllable = parse(word);
  if (syllable === null) return null;
  return (
    stroked(syllable, key, low, method) ??
    marked(syllable, key, low, method) ??
    toned(syllable, key, low, method) ??
    grown(syllable, word, key)
  );
}

function toned(syllable, key, low, method) {
  const tone = TONE_KEYS[method][low];
  if (tone === undefined || !syllable.row || !plausible(syllable)) return null;
  if (tone === syllable.tone) return tone === LEVEL ? null : spell({ ...syllable, tone: LEVEL }) + key;
  return spell({ ...syllable, tone });
}

function marked(syllable, key, low, method) {
  const marks = MARK_KEYS[method][low];
  if (marks === undefined) return null;
  const { onset, row } = syllable;
  if (!row) {
    // Telex writes a lone ư with one key.
    if (low !== "w" || method !== "telex" || !plausible({ onset, row: "ư", coda: "" }) || onset === "q") return null;
    return spell({ ...syllable, row: "ư", upper: [...syllable.upper, key !== low] });
  }
  const outcome = marks.map((mark) => rowWith(mark, syllable)).find((one) => one !== null);
  if (outcome !== undefined && plausible({ ...syllable, row: outcome })) {
    return spell({ ...syllable, row: outcome });
  }
  return unmarked(syllable, key, marks, low === "w");
}

// The row with a mark on the letter that can bear it, or null.
function rowWith(mark, { row, coda }) {
  if (mark === HORN) {
    const pair = /[uư][oôơ]/.exec(row);
    if (pair) {
      const both = pair[0] !== "ươ" && (coda || row.length > 2) ? "ươ" : "uơ";
      const next = row.replace(/[uư][oôơ]/, both);
      return pair[0] === both || pair[0] === "ươ" || (pair[0] === "uơ" && both === "uơ") ? null : next;
    }
  }
  for (let i = row.length - 1; i >= 0; i -= 1) {
    const bare = BARE[row[i]] ?? row[i];
    const to = mark[bare];
    if (to === undefined || to === row[i]) continue;
    for (const rest of [row, [...row].map((one) => BARE[one] ?? one).join("")]) {
      const next = rest.slice(0, i) + to + rest.slice(i + 1);
      if (knownRow(next) && next !== row) return next;
    }
  }
  return null;
}

// The mark's key struck again takes the mark away and stands as itself.
function unmarked(syllable, key, marks, horned) {
  const made = new Set(marks.flatMap((mark) => Object.values(mark)));
  if (![...syllable.row].some((one) => made.has(one))) return null;
  const { onset, row, coda, upper } = syllable;
  if (horned && row === "ư" && onset === "" && coda === "") return upper[0] ? "W" : "w";
  const bare = [...row].map((one) => (made.has(one) ? BARE[one] : one)).join("");
  return spell({ ...syllable, row: bare }) + key;
}

function stroked(syllable, key, low, method) {
  if (low !== STROKE_KEYS[method]) return null;
  const { onset, row, coda, upper } = syllable;
  if (onset === "đ" && (method === "vni" || plausible(syllable))) {
    return spell({ ...syllable, onset: "d" }) + key;
  }
  if (onset === "d" && plausible(syllable)) return spell({ ...syllable, onset: "đ" });
  // Abbreviations: UBND, HĐND, QĐ.
  const text = onset + row + coda;
  if (text.endsWith("d") && text.length > 1 && row === "") {
    return spell({ ...syllable, onset: onset.slice(0, -1) + "đ", upper });
  }
  return null;
}

// One more letter: the tone may have to move (hòa + n is hoàn), uơ may become ươ (thuở, thương).
function grown(syllable, word, key) {
  if (!/^\p{L}$/u.test(key)) return null;
  const longer = parse(word.normalize("NFC") + key);
  if (longer === null || !longer.row || !plausible(longer)) return null;
  if (/^uơ/.test(longer.row) && (longer.coda || longer.row.length > 2)) {
    longer.row = longer.row.replace("uơ", "ươ");
  }
  const next = spell(longer);
  return next === word + key ? null : next;
}
