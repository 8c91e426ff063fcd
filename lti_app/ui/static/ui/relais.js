// Comfort only: every page works without this file.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  // What has just happened (an error, a verdict) is read first.
  const news = document.querySelector("[data-focus]");
  if (news) {
    news.focus({ preventScroll: Boolean(location.hash) });
  }

  // A second click would only be refused by the server: say that the first one was heard.
  for (const form of document.querySelectorAll("form[method=post]:not([target])")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      // Not `disabled`: a disabled button would lose the focus, and its value.
      form.setAttribute("aria-busy", "true");
    });
  }
});

// Back from the feedback: the browser may restore the page as it was left.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});
