element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".page")) trigger("turn_to", { page: Number(button.dataset.page) });
  if (button.matches(".remove-yes")) {
    button.disabled = true;
    trigger("remove", { article: button.dataset.id });
  }
  if (button.matches(".remove-no")) {
    const asked = button.closest("details");
    asked.open = false;
    asked.querySelector("summary").focus();
  }
});
