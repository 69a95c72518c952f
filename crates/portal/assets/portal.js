/* Every page works without it. */
"use strict";
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/portal/worker.js", { scope: "/portal" }).catch(() => {});
// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (e) => {
  if (e.target.dataset.sent) { e.preventDefault(); return; }
  e.target.dataset.sent = "1";
});
// A page that comes back from the browser's memory can be used again.
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
