// A whole entry crossed out, or not: what its field "voided" says, turned by one key.

export const VOIDED = "voided";

export const isVoid = (fields) => fields.work.get(VOIDED)?.state === "written";

// Says the other thing of the entry; gives what to tell the operator. A blind keying has no such field.
export function turnVoid(fields, texts) {
  if (!fields.has(VOIDED)) return texts.voidNotHere;
  if (isVoid(fields)) fields.mark(VOIDED, "blank");
  else fields.choose(VOIDED, texts.voidWord);
  return isVoid(fields) ? texts.voided : texts.notVoided;
}
