// The browser's own date picker as an input of the page.  A half-typed date is passed on as
// such, so that it is refused rather than taken for "no date".
const input = () => element.querySelector("input");
let held = props.value || "";
const pass = () => {
  held = input().validity.badInput ? "an unfinished date" : input().value;
  props.value = held;
  trigger("input");
};
// On the frame, which stays while what is in it may be drawn anew.
element.addEventListener("change", pass);
// Filled in before this ran: a bound is never lost unnoticed.
if (input().value && input().value !== held) pass();
watch("value", () => {
  // The first value, which is empty, takes nothing back; what is half typed stays as it is.
  if (props.value !== held && (held || props.value)) input().value = props.value || "";
  held = props.value || "";
});
element.dataset.ready = "yes";
