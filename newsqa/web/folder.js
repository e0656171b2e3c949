// A folder, chosen or dropped: its files of known kinds go where single files are dropped.  Each
// is named by its way within the folder, for two of them may have one name.
const kinds = FILE_TYPES;
const note = element.querySelector(".left-out");
const chosen = element.querySelector(".folder-input");
const zone = () => document.querySelector("#files");

const named = (file, way) => new File([file], way.split("/").filter(Boolean).join(" - "), { type: file.type });

const hand = (found) => {
  const known = found.filter(({ way }) => kinds.some((kind) => way.toLowerCase().endsWith(kind)));
  const others = found.length - known.length;
  const left = others ? ` ${others} of other kinds left out.` : "";
  const field = zone().querySelector("input[type=file]");
  if (!field) {
    note.textContent = "Add or clear the files above first.";
    return;
  }
  note.textContent = `${known.length} files taken.${left}`;
  if (!known.length) return;
  const files = new DataTransfer();
  known.forEach(({ file, way }) => files.items.add(named(file, way)));
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
