// Tells the LMS that opened this page that it may close it. Without this file, people do.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-close-for]");
  const lms = window.opener || (window.parent === window ? null : window.parent);
  if (!button || !lms) {
    return;
  }
  button.addEventListener("click", () => {
    // To that LMS only, whatever page has taken its place since.
    lms.postMessage({ subject: "org.imsglobal.lti.close" }, button.dataset.closeFor);
  });
  button.hidden = false;
  document.querySelector("[data-close-by-hand]").hidden = true;
});
