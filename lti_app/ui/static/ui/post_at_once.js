// Posts the one form of the page to the platform. Without this file, its button does.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector("form[data-post-at-once]").requestSubmit();
});
