// The article that was asked for opens beside the chat, scrolled to what is quoted from it.
const body = document.body;
let opener = null;
let place = null;

const turnOf = () => place && document.getElementById(`turn-${place.turn}`);
const numbers = () =>
  [...(turnOf()?.querySelectorAll(".card") ?? [])].map((card) => Number(card.dataset.cite));

const draw = () => {
  const all = place?.number ? numbers() : [];
  const from = element.querySelector(".source")?.dataset.from ?? "";
  const which = all.length ? `Source ${place.number} of ${all.length}` : "";
  element.querySelector(".reader-place").textContent = [which, from].filter(Boolean).join(" · ");
  element.querySelectorAll(".reader-step").forEach((button) => {
    const next = all.indexOf(place?.number) + Number(button.dataset.step);
    button.hidden = all.length < 2;
    button.disabled = next < 0 || next >= all.length;
  });
};

const light = (number) => {
  turnOf()?.querySelectorAll(".sentence").forEach((sentence) => {
    const cites = (sentence.dataset.cites || "").split(" ");
    sentence.classList.toggle("lit", cites.includes(String(number)));
  });
};

const open = (detail) => {
  if (!body.classList.contains("reading")) opener = document.activeElement;
  place = detail;
  body.classList.add("reading");
  // Where the source covers all, only it scrolls.
  if (window.matchMedia("(max-width: 760px)").matches) body.style.overflow = "hidden";
  element.classList.add("opened");
  element.classList.add("loading");
  draw();
  trigger("open_source", detail);
};

const close = () => {
  if (!body.classList.contains("reading")) return;
  body.classList.remove("reading");
  body.style.overflow = "";
  element.classList.remove("opened");
  light(null);
  if (opener?.isConnected) opener.focus({ preventScroll: true });
  opener = null;
};

// Buttons and marks everywhere on the page, also in what comes later, open it.
document.addEventListener("click", (event) => {
  const asked = event.target.closest?.("[data-number].open, [data-article].open, a.mark");
  if (!asked) return;
  event.preventDefault();
  if (asked.dataset.article) open({ article: asked.dataset.article });
  else open({ turn: Number(asked.dataset.turn), number: Number(asked.dataset.number) });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
element.addEventListener("click", (event) => {
  if (event.target.closest(".reader-back")) close();
  const step = event.target.closest(".reader-step");
  if (!step) return;
  const all = numbers();
  const number = all[all.indexOf(place.number) + Number(step.dataset.step)];
  if (number) open({ turn: place.turn, number });
});
element.addEventListener("mouseover", (event) => {
  const mark = event.target.closest("mark[data-number]");
  light(mark ? mark.dataset.number : (place?.number ?? null));
});

watch("value", () => {
  element.classList.remove("loading");
  draw();
  light(place?.number ?? null);
  const pane = element.querySelector(".reader-body");
  const here = pane.querySelector("mark.here");
  pane.scrollTop = 0;
  if (here) {
    const from = pane.getBoundingClientRect();
    const at = here.getBoundingClientRect();
    pane.scrollTop = at.top - from.top - Math.max(60, from.height / 3);
  }
  pane.querySelector("h2")?.focus({ preventScroll: true });
});
element.dataset.ready = "yes";
