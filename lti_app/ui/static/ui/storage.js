// The LMS's storage, for frames that keep no cookie: 1EdTech's « LTI postMessage Storage ».
// Loaded before the body where something waits for it (see `r-asking` in relais.css).
"use strict";

(() => {
  const WAIT_MS = 2000;

  // The frame that the LMS named, beside ours; null where there is none.
  function frameNamed(name) {
    const owner = window.parent === window ? window.opener : window.parent;
    if (!owner || name === "_parent") {
      return owner;
    }
    try {
      return owner.frames[name] || null;
    } catch {
      return null; // another site's window has no frame of that name
    }
  }

  // One question, one answer: from the LMS's own origin, to this very message, in time.
  function ask(request, subject, more) {
    return new Promise((resolve, reject) => {
      const frame = frameNamed(request.target);
      if (!frame) {
        reject(new Error("no such frame"));
        return;
      }
      const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
      const late = setTimeout(() => finish(reject, new Error("no answer")), WAIT_MS);
      function finish(settle, outcome) {
        clearTimeout(late);
        window.removeEventListener("message", hear);
        settle(outcome);
      }
      function hear(event) {
        const data = event.data;
        if (event.origin !== request.origin || !data || typeof data !== "object"
            || data.subject !== `${subject}.response` || data.message_id !== id) {
          return;
        }
        if (data.error || data.key !== request.key) {
          finish(reject, new Error("refused"));
        } else {
          finish(resolve, data.value);
        }
      }
      window.addEventListener("message", hear);
      frame.postMessage({ subject, message_id: id, key: request.key, ...more }, request.origin);
    });
  }

  async function leave(place) {
    const request = place.dataset;
    try {
      await ask(request, "lti.put_data", { value: request.value });
    } catch {
      // The launch will still have its cookie, or offer a tab.
    }
    // No way back to this page: it would only lead here again.
    location.replace(place.querySelector("[data-next]").href);
  }

  async function fetchBack(place) {
    const form = place.querySelector("[data-answer]");
    const waiting = place.querySelector("[data-waiting]");
    waiting.hidden = false;
    try {
      const value = await ask(place.dataset, "lti.get_data", {});
      if (typeof value !== "string" || !value) {
        throw new Error("nothing kept");
      }
      form.elements.value.value = value;
      form.submit();
    } catch {
      waiting.hidden = true;
      document.documentElement.classList.remove("r-asking");
      place.removeAttribute("data-storage");
      document.querySelector("[data-otherwise] h1").focus();
    }
  }

  document.documentElement.classList.add("r-asking");
  function start() {
    const place = document.querySelector("[data-storage]");
    if (place) {
      (place.dataset.storage === "put" ? leave : fetchBack)(place);
    }
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
