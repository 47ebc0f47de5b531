// The Vietnamese syllable: onset, row of vowels, coda; where its tone stands.
// Marks (â ă ơ đ …) belong to the letters, the tone to the syllable.

const TONES = ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"];
export const LEVEL = 0, ACUTE = 1, GRAVE = 2, HOOK = 3, TILDE = 4, DOT = 5;

const ONSETS = new Set(
  " b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x".split(" "),
);
const CODAS = new Set(" c ch m n ng nh p t".split(" "));
// Rows of vowels that spelling knows, and those on the way to one while it is typed.
const ROWS = new Set(
  ("a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iu iêu oa oă oe oi ôi ơi oo ôô oai oao oay oeo " +
    "ua uâ uê ui uô uơ uy uya uyê uyu uâ uây uôi uêu ưa ưi ươ ươi ươu ưu ya yê yêu " +
    "ie ieu ye yeu uye uo uoi uou ue uu uay ưo ưoi ưou uơi uơu").split(" "),
);
const MARKED = /[ăâêôơư]/;

const isVowel = (letter) => /[aăâeêioôơuưy]/.test(letter);

// {onset, row, coda, tone} in lower case and the case of each letter, or null for what is none.
export function parse(word) {
  let tone = LEVEL;
  const letters = [], upper = [];
  for (const sign of word.normalize("NFC")) {
    const { letter, tone: own } = untoned(sign);
    if (own !== LEVEL) {
      if (tone !== LEVEL) return null;
      tone = own;
    }
    const low = letter.toLowerCase();
    if (low.length !== 1) return null;
    letters.push(low);
    upper.push(low !== letter);
  }
  const text = letters.join("");
  let start = letters.findIndex(isVowel);
  if (start < 0) return { onset: text, row: "", coda: "", tone, upper };
  if (text.startsWith("qu") && isVowel(letters[2] ?? "")) start = 2;
  else if (text.startsWith("gi") && isVowel(letters[2] ?? "")) start = 2;
  let end = start;
  while (end < letters.length && isVowel(letters[end])) end += 1;
  return {
    onset: text.slice(0, start), row: text.slice(start, end), coda: text.slice(end), tone, upper,
  };
}

// True where the parts may be, or become, a syllable.
export function plausible({ onset, row, coda }) {
  return ONSETS.has(onset) && (row === "" ? coda === "" : ROWS.has(row) && CODAS.has(coda));
}

export const knownRow = (row) => ROWS.has(row);

// The word again, its tone where spelling puts it (older placing: hòa, thúy).
export function spell({ onset, row, coda, tone, upper }) {
  const at = onset.length + tonePlace(row, coda);
  return [...(onset + row + coda)]
    .map((letter, i) => {
      const cased = upper[i] ? letter.toUpperCase() : letter;
      return i === at && row ? (cased + TONES[tone]).normalize("NFC") : cased;
    })
    .join("");
}

function tonePlace(row, coda) {
  for (let i = row.length - 1; i >= 0; i -= 1) if (MARKED.test(row[i])) return i;
  if (row.length < 2) return 0;
  if (row.length > 2) return 1;
  return coda ? 1 : 0;
}

function untoned(sign) {
  const apart = sign.normalize("NFD");
  for (let tone = 1; tone < TONES.length; tone += 1) {
    if (apart.includes(TONES[tone])) {
      return { letter: apart.replace(TONES[tone], "").normalize("NFC"), tone };
    }
  }
  return { letter: sign, tone: LEVEL };
}
