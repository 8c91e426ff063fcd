// « Copier » buttons beside the values to paste elsewhere. Without this file, one selects them.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  if (!navigator.clipboard) {
    return;
  }
  const news = document.querySelector("[data-copied]");
  for (const button of document.querySelectorAll("[data-copy]")) {
    const label = button.querySelector("span");
    const words = label.firstChild.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
      } catch {
        news.textContent = "La copie n’a pas été permise : sélectionnez la valeur.";
        return;
      }
      label.firstChild.textContent = "Copié";
      // A whole message would be read out again, word by word.
      news.textContent = button.dataset.copy.length < 200 ? `Copié : ${button.dataset.copy}` : "Copié";
      setTimeout(() => {
        label.firstChild.textContent = words;
        news.textContent = "";
      }, 3000);
    });
    button.hidden = false;
  }
});
