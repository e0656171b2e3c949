// A mark leads to its card; a card and the sentences that cite it light up together.
// Everything is found anew at each event: the content changes while an answer arrives.
const turnOf = (node) => node.closest(".turn");
const numbersOf = (node) =>
  node.matches(".card") ? [node.dataset.cite] : (node.dataset.cites || "").split(" ");

element.addEventListener("click", (event) => {
  const mark = event.target.closest("a.mark");
  if (!mark) return;
  event.preventDefault();
  const card = document.getElementById(mark.getAttribute("href").slice(1));
  if (!card) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  card.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  card.focus({ preventScroll: true });
  card.classList.add("found");
  setTimeout(() => card.classList.remove("found"), 1600);
});

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

// A new question comes into view once, when it is asked.
let shown = null;
watch("value", () => {
  const turn = element.querySelector(".turn[aria-busy=true]");
  if (!turn || turn.id === shown) return;
  shown = turn.id;
  if (turn.id !== "turn-1") turn.scrollIntoView({ block: "start" });
});
