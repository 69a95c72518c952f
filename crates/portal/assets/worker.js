/* Keeps the static files of one version. Pages are never kept: they are about people, and must be true now. */
"use strict";
const FILES = "portal-{version}", HOME = "/portal/assets/{version}/";
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("portal-") && name !== FILES) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== self.location.origin || !url.pathname.startsWith(HOME)) return;
  e.respondWith((async () => {
    const kept = await caches.open(FILES), known = await kept.match(e.request);
    if (known) return known;
    const fresh = await fetch(e.request);
    if (fresh.ok) await kept.put(e.request, fresh.clone());
    return fresh;
  })());
});
