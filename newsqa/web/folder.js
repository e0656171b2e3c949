// A folder, chosen or dropped: its files of known kinds go where single files are dropped.  Each
// is named by its way within the folder, for two of them may have one name.
const { kinds, largest, most } = LIMITS;
const note = element.querySelector(".left-out");
const chosen = element.querySelector(".folder-input");
const zone = () => document.querySelector("#files");

// FNV-1a: a name must only tell ways apart that would come to the same one.
const digest = (text) =>
  [...new TextEncoder().encode(text)]
    .reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5)
    .toString(16);
// A name is cut to 200 bytes and loses some signs where it arrives.
const nameOf = (way) => {
  const parts = way.split("/").filter(Boolean);
  if (parts.length === 1) return parts[0];
  const plain = parts.join(" - ");
  const told = /^[\w .-]{1,150}$/.test(plain) && !parts.some((part) => /^[ -]|[ -]$| - /.test(part));
  // A way that was dropped begins with a slash, one that was chosen does not.
  return told ? plain : `${digest(parts.join("/"))} ${parts[parts.length - 1].slice(-40)}`;
};
const size = (bytes) =>
  bytes < 2 ** 20 ? `${Math.floor(bytes / 2 ** 10)} KB` : `${Math.floor(bytes / 2 ** 20)} MB`;
const named = (file, way) => new File([file], nameOf(way), { type: file.type });
const isPassedOver = (way) => way.split("/").some((part) => part.startsWith(".") || part === "__MACOSX");

const hand = (all) => {
  const found = all.filter(({ way }) => !isPassedOver(way));
  const known = found.filter(({ way }) => kinds.some((kind) => way.toLowerCase().endsWith(kind)));
  const fitting = known.filter(({ file }) => file.size <= largest);
  const others = found.length - known.length;
  const large = known.length - fitting.length;
  const left =
    (others ? ` ${others} of other kinds left out.` : "") +
    (large ? ` ${large} of more than ${size(largest)} left out.` : "");
  const field = zone().querySelector("input[type=file]");
  if (!field) {
    note.textContent = "Add or clear the files above first.";
    return;
  }
  if (fitting.length > most) {
    note.textContent = `${fitting.length} files are more than the ${most} that are taken at a time.`;
    return;
  }
  note.textContent = `${fitting.length} files taken.${left}`;
  if (!fitting.length) return;
  const files = new DataTransfer();
  fitting.forEach(({ file, way }) => files.items.add(named(file, way)));
  field.files = files.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
};

element.querySelector(".choose-folder").addEventListener("click", () => chosen.click());
chosen.addEventListener("change", (event) => {
  // Ours alone: what Gradio listens to is the field that it is handed to.
  event.stopPropagation();
  hand([...chosen.files].map((file) => ({ file, way: file.webkitRelativePath || file.name })));
  chosen.value = "";
});

const entries = (folder) =>
  new Promise((done, failed) => {
    const reader = folder.createReader();
    const all = [];
    // It gives a hundred at a time.
    const more = () => reader.readEntries((some) => (some.length ? (all.push(...some), more()) : done(all)), failed);
    more();
  });
const walk = async (entry) => {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [{ file, way: entry.fullPath }];
  }
  const within = await Promise.all((await entries(entry)).map(walk));
  return within.flat();
};
document.addEventListener(
  "drop",
  async (event) => {
    if (!zone()?.contains(event.target)) return;
    const dropped = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!dropped.some((entry) => entry.isDirectory)) return;
    event.preventDefault();
    event.stopPropagation();
    try {
      hand((await Promise.all(dropped.map(walk))).flat());
    } catch {
      note.textContent = "The folder could not be read.";
    }
  },
  true,
);
