// What somebody chose or dropped, as {file, path, modified}, without what systems leave behind.

const LEFT_BEHIND = new Set(["thumbs.db", "desktop.ini", "__macosx", "ehthumbs.db", "$recycle.bin"]);

export const useless = (path) => path.split("/").some(
  (part) => part.startsWith(".") || LEFT_BEHIND.has(part.toLowerCase()));

const told = (file, path) => ({ file, path: path.normalize("NFC"), modified: file.lastModified });

export function chosenFiles(list) {
  return [...list]
    .map((file) => told(file, file.webkitRelativePath || file.name))
    .filter((one) => !useless(one.path));
}

export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosenFiles(transfer.files);
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found.filter((one) => !useless(one.path));
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((good, bad) => entry.file(good, bad));
    found.push(told(file, entry.fullPath.replace(/^\//, "")));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((good, bad) => reader.readEntries(good, bad));
    if (!some.length) return;
    for (const one of some) await walk(one, found);
  }
}
