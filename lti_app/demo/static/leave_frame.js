// The tool came back inside our own frame: show the course in the whole window.
if (window.top !== window) {
  window.top.location.href = document.getElementById("back-to-course").href;
}
