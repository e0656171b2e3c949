element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const asked = button.closest("details");
  asked.open = false;
  asked.querySelector("summary").focus();
  if (button.matches(".rebuild-yes")) trigger("rebuild", {});
});
