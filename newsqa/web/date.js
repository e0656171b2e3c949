// The browser's own date picker as an input of the page.  A half-typed date is passed on as
// such, so that it is refused rather than taken for "no date".
const input = element.querySelector("input");
input.addEventListener("change", () => {
  props.value = input.validity.badInput ? "an unfinished date" : input.value;
});
watch("value", () => {
  if (!props.value) input.value = "";
});
