element.addEventListener("click", (event) => {
  const button = event.target.closest(".drop");
  if (!button) return;
  trigger("drop", { kind: button.dataset.kind, value: button.dataset.value ?? "" });
  document.querySelector("#question textarea")?.focus();
});
