// The newsroom no longer offers to keep pages: what was kept before is forgotten, and nothing is kept any more.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await registration.unregister();
})()));
