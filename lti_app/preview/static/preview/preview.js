// Loads the page again when a source was saved. Without this file, one reloads it.
"use strict";

const shown = document.currentScript.dataset.version;

setInterval(async () => {
  try {
    const answer = await fetch("/apercu/etat", { cache: "no-store" });
    const { version } = await answer.json();
    if (String(version) !== shown) {
      location.reload();
    }
  } catch {
    // The preview was stopped: it may start again.
  }
}, 1000);
