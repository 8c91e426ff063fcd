// The tool says that its registration is over: close its frame and show the tools again, as Moodle.
// Without JavaScript the link below the frame does.
window.addEventListener("message", (event) => {
  if (event.data && event.data.subject === "org.imsglobal.lti.close") {
    document.getElementById("external-registration-page").remove();
    window.location.href = document.getElementById("back-to-tools").href;
  }
});
