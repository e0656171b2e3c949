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

// To ask again otherwise, to go on with what is offered, to change a question and ask it anew.
const number = (node) => Number(node.closest("[data-turn]").dataset.turn);
element.addEventListener("click", (event) => {
  const again = event.target.closest("button.again");
  if (again) {
    const { ignore, since, until, widen } = again.dataset;
    trigger("again", { turn: number(again), ignore, since, until, widen });
  }
  const next = event.target.closest("button.next");
  if (next) trigger("go_on", { question: next.textContent });
  const judge = event.target.closest("button.judge");
  if (judge) {
    judge.parentElement.querySelectorAll(".judge").forEach((each) => {
      each.setAttribute("aria-pressed", String(each === judge));
    });
    trigger("judge", { turn: number(judge), verdict: judge.dataset.verdict });
  }
  const edit = event.target.closest("button.edit");
  if (edit) trigger("edit", { turn: number(edit) });
});

// A follow-up in the reader's own wording: by its button, or by Enter in the field.
const reask = (event) => {
  const field = event.target.closest(".reword")?.querySelector("input");
  const wording = field?.value.trim();
  if (wording) trigger("again", { turn: number(field), wording });
};
element.addEventListener("click", (event) => {
  if (event.target.closest("button.reask")) reask(event);
});
element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.closest(".reword input")) return;
  event.preventDefault();
  reask(event);
});

// A span of time is chosen by a bar, by drawing across several, or with Shift from the last one.
let from = null;
const chosen = (bars, a, b) => {
  const [first, last] = a <= b ? [a, b] : [b, a];
  bars.forEach((bar, at) => bar.classList.toggle("chosen", at >= first && at <= last));
  return [bars[first], bars[last]];
};
const barAt = (event) => {
  const row = event.target.closest?.(".bars");
  if (!row) return null;
  const bars = [...row.querySelectorAll(".bar")];
  const at = bars.findIndex((bar) => event.clientX < bar.getBoundingClientRect().right);
  return { row, bars, at: at < 0 ? bars.length - 1 : at };
};
const ask = (row, bars, a, b) => {
  const [first, last] = chosen(bars, a, b);
  trigger("again", { turn: number(row), since: first.dataset.since, until: last.dataset.until });
};
element.addEventListener("pointerdown", (event) => {
  const here = barAt(event);
  if (!here || event.button) return;
  event.preventDefault();
  from = here;
  chosen(here.bars, here.at, here.at);
});
element.addEventListener("pointermove", (event) => {
  const here = from && barAt(event);
  if (here && here.row === from.row) chosen(here.bars, from.at, here.at);
});
document.addEventListener("pointerup", (event) => {
  const here = from && barAt(event);
  if (from) from.bars.forEach((bar) => bar.classList.remove("chosen"));
  if (here && here.row === from.row) {
    const [a, b] = [Math.min(from.at, here.at), Math.max(from.at, here.at)];
    if (here.bars.slice(a, b + 1).some((bar) => !bar.disabled)) ask(here.row, here.bars, a, b);
  }
  from = null;
});
let anchor = null;
element.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.(".bar");
  if (!bar) return;
  const bars = [...bar.parentElement.querySelectorAll(".bar")];
  const at = bars.indexOf(bar);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) {
    if (!event.shiftKey) anchor = null;
    else anchor ??= at;
    let next = at + step;
    while (bars[next]?.disabled) next += step;
    bars[next]?.focus();
    if (anchor !== null && bars[next]) chosen(bars, anchor, next);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    ask(bar.parentElement, bars, anchor ?? at, at);
    anchor = null;
  }
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
