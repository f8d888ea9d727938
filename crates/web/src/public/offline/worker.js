// Keeps the front pages and the articles somebody has read, for when there is no network. The network is asked first,
// always. Kept is only what the server says anybody may keep, so never a page about one person.
const PAGES_MAX = 50;
const PICTURES_MAX = 100;
const MISSING = [404, 410];

const mayKeep = (answer) => answer.ok && answer.type === 'basic' && /\bpublic\b/.test(answer.headers.get('cache-control') ?? '');
const isPage = (address) => address.origin === location.origin && address.search === '';
const isFront = (path) => path === '/' || Object.keys(WORDS).some((language) => path === `/${language}/`);
const languageOf = (path) => (Object.hasOwn(WORDS, path.split('/')[1]) ? path.split('/')[1] : MAIN);

/** Puts an answer to the newest; lets the oldest go. */
async function keep(name, most, request, answer) {
  const cache = await caches.open(name);
  await cache.put(request, answer);
  const old = (await cache.keys()).filter((one) => !isFront(new URL(one.url).pathname));
  await Promise.all(old.slice(0, Math.max(0, old.length - most)).map((one) => cache.delete(one)));
}

async function page(event) {
  const { request } = event;
  const { pathname } = new URL(request.url);
  const cache = await caches.open('pages');
  try {
    const answer = await fetch(request);
    if (mayKeep(answer) && answer.headers.get('content-type')?.startsWith('text/html')) event.waitUntil(keep('pages', PAGES_MAX, request.url, answer.clone()));
    // What was withdrawn is withdrawn here as well.
    if (MISSING.includes(answer.status)) event.waitUntil(cache.delete(request.url));
    return answer;
  } catch {
    const kept = await cache.match(request.url);
    return kept ? dated(kept, languageOf(pathname)) : missing(cache, languageOf(pathname));
  }
}

async function picture(event) {
  try {
    const answer = await fetch(event.request);
    if (mayKeep(answer)) event.waitUntil(keep('pictures', PICTURES_MAX, event.request.url, answer.clone()));
    return answer;
  } catch {
    return await caches.match(event.request.url) ?? Response.error();
  }
}

/** The kept page with a line above it that says from when it is. */
async function dated(kept, language) {
  const when = new Date(kept.headers.get('date')).toLocaleString(language, { dateStyle: 'long', timeStyle: 'short', numberingSystem: 'latn' });
  const line = `<p class="w meta" role="status">${WORDS[language].kept.replace('{when}', () => when)}</p>`;
  const html = (await kept.text()).replace('<main ', () => `${line}<main `);
  const headers = new Headers(kept.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return new Response(html, { headers });
}

/** Says that a page was not kept, and which ones were. */
async function missing(cache, language) {
  const words = WORDS[language];
  const lines = [];
  for (const request of (await cache.keys()).reverse()) {
    const title = (await (await cache.match(request)).text()).match(/<title>([^<]*)<\/title>/)?.[1];
    if (title) lines.push(`<li><a href="${new URL(request.url).pathname}">${title}</a>`);
  }
  const html = `<!doctype html><html lang="${language}" dir="${words.dir}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${words.missing}</title><style>:root{color-scheme:light dark}body{font:1.125rem/1.5 serif;max-width:36rem;margin:auto;padding:1rem;overflow-wrap:break-word}li{margin:.5rem 0}</style><main id="main"><h1>${words.missing}</h1><p>${words.missing_note}</p><ul>${lines.join('')}</ul></main>`;
  return new Response(html, { status: 503, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

/** What is open or would be looked for first, when this begins. */
async function begin() {
  await clients.claim();
  const open = await clients.matchAll({ type: 'window' });
  for (const path of new Set(['/', ...open.map(({ url }) => url)])) {
    const address = new URL(path, location);
    if (!isPage(address)) continue;
    const answer = await fetch(address);
    if (mayKeep(answer)) await keep('pages', PAGES_MAX, address.href, answer);
  }
}

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(begin()));
addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || !isPage(address)) return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (address.pathname.startsWith('/media/')) event.respondWith(picture(event));
});
