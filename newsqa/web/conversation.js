// A card and the sentences that cite it light up together.  Everything is found anew at each
// event: the content changes while an answer arrives.
const turnOf = (node) => node.closest(".turn");
const numbersOf = (node) =>
  node.matches(".card") ? [node.dataset.cite] : (node.dataset.cites || "").split(" ");

const light = (event) => {
  element.querySelectorAll(".lit").forEach((node) => node.classList.remove("lit"));
  const node = event.target.closest(".sentence, .card");
  if (!node || event.type === "mouseleave") return;
  const other = node.matches(".card") ? ".sentence" : ".card";
  const mine = numbersOf(node);
  turnOf(node)?.querySelectorAll(other).forEach((candidate) => {
    if (numbersOf(candidate).some((n) => n && mine.includes(n))) candidate.classList.add("lit");
  });
};
for (const type of ["mouseover", "focusin"]) element.addEventListener(type, light);
element.addEventListener("mouseleave", light);

// Without https the clipboard is only had by way of a selection.
const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
};
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const menu = button.closest("details");
  const title = menu.querySelector("summary");
  const done = await copied(button.dataset.text);
  menu.open = false;
  title.dataset.name ??= title.textContent;
  title.textContent = done ? "Copied" : "Copying is not allowed here";
  title.focus();
  setTimeout(() => (title.textContent = title.dataset.name), 1500);
});

// A new question comes into view once, when it is asked.
let shown = null;
watch("value", () => {
  const turn = element.querySelector(".turn[aria-busy=true]");
  if (!turn || turn.id === shown) return;
  shown = turn.id;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (turn.id !== "turn-1") turn.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
});
