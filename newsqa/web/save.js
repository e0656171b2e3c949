() => {
  // The conversation as Markdown, from what its answers can be copied as.
  const answers = [...document.querySelectorAll(".turn")].map((turn) => {
    const copied = turn.querySelector("button.copy[data-form=markdown]")?.dataset.text;
    return copied ?? `**${turn.querySelector(".question").textContent}**\n\nNo answer.\n`;
  });
  const file = new Blob([answers.join("\n---\n\n")], { type: "text/markdown" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `newsqa-${new Date().toISOString().slice(0, 10)}.md`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
