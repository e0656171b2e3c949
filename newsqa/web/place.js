// What comes after an answer is put in its place there: drawn anew, the answer would close what
// the reader has opened in it meanwhile.
watch("value", () => {
  const come = element.querySelector("[data-for]");
  const place = come && document.querySelector(`#${come.dataset.for} .${come.dataset.into}`);
  place?.replaceChildren(...[...come.childNodes].map((node) => node.cloneNode(true)));
});
