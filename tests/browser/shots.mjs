// Photographs every kind of the demo's public pages: `node tests/browser/shots.mjs [ADDRESS]`, pictures in artefacts/shots/.
// Says of each what its first view and its first picture weigh, how wide its text is set, and what sticks out.
// Without an address it starts a demo of its own with MASTHEAD_PROGRAM or the release build.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { Demo } from './demo.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const SHOTS = join(ROOT, 'artefacts', 'shots');
const HAITI = '/international/who-will-lead-and-pay-for-the-mission-in-haiti';
const PAGES = {
  front: '/', 'front-fr': '/fr/', 'front-ar': '/ar/', section: '/international', 'section-few': '/ar/culture',
  article: HAITI, changes: `${HAITI}/changes`, 'article-ar': '/ar/culture/idhaat-sadaf-tutfi-burjaha',
  'article-plain': '/politics/budget-exceptions-in-marrandi', 'article-long': '/climate/the-kolvar-dam-is-filling-with-its-mountain',
  author: '/author/kalinda-oroko', topic: '/topic/haiti', archive: '/archive', 'archive-month': '/archive/2025/08',
  'archive-day': '/archive/2025/08/22', search: '/search', 'search-hits': '/search?q=harbour', 'search-none': '/search?q=zzzz',
  corrections: '/corrections', policy: '/about', subscribe: '/subscribe', 'not-found': '/international/nothing-here', 'article-sw': '/sw/culture/maktaba-inayokuja-alhamisi',
};
const LOOKS = [
  { name: '360-light', width: 360, colorScheme: 'light' }, { name: '360-dark', width: 360, colorScheme: 'dark' },
  { name: '1280-light', width: 1280, colorScheme: 'light' }, { name: '1280-dark', width: 1280, colorScheme: 'dark' },
];
const only = process.env.ONLY?.split(',');

const folder = await mkdtemp(join(tmpdir(), 'masthead-shots-'));
const demo = new Demo(process.env.MASTHEAD_PROGRAM ?? join(ROOT, 'target/release/masthead'), join(folder, 'paper'));
let site = process.argv[2];
let browser;
let wrong = 0;
try {
  if (!site) {
    await demo.start();
    site = demo.site;
  }
  await mkdir(SHOTS, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const [name, path] of Object.entries(PAGES)) {
    if (only && !only.includes(name)) continue;
    for (const look of LOOKS) await take(name, path, look);
    await print(name, path);
  }
  if (wrong) process.exitCode = 1;
} finally {
  await browser?.close();
  await demo.stop();
  await rm(folder, { recursive: true, force: true });
}

async function take(name, path, { name: look, width, colorScheme }) {
  const context = await browser.newContext({ viewport: { width, height: width < 600 ? 720 : 900 }, colorScheme, deviceScaleFactor: 1 });
  const page = await context.newPage();
  const weights = new Map();
  page.on('response', async (answer) => {
    if (answer.ok()) weights.set(answer.url(), (await answer.body().catch(() => '')).length);
  });
  await page.goto(site + path, { waitUntil: 'networkidle' });
  const seen = await page.evaluate(async () => {
    // Lazy pictures come when they are scrolled to.
    for (let at = 0; at < document.body.scrollHeight; at += 600) {
      scrollTo(0, at);
      await new Promise((done) => requestAnimationFrame(done));
    }
    scrollTo(0, 0);
    await Promise.all([...document.images].map((image) => image.complete || new Promise((done) => { image.onload = image.onerror = done; })));
    const text = [...document.querySelectorAll('.body > p')].filter((p) => p.textContent.length > 200)[0];
    let characters = 0;
    if (text) {
      const range = document.createRange();
      const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
      const lines = new Map();
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = 0; at < node.length; at++) {
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          const box = range.getClientRects()[0];
          if (box) lines.set(Math.round(box.bottom), (lines.get(Math.round(box.bottom)) ?? 0) + 1);
        }
      }
      // The middle one of the full lines: the last line is short, and one line may be narrow letters only.
      const full = [...lines.values()].slice(0, -1).sort((a, b) => a - b);
      characters = full[Math.floor(full.length / 2)] ?? 0;
    }
    const first = [...document.images].find((image) => image.loading !== 'lazy');
    return {
      wide: document.documentElement.scrollWidth, view: document.documentElement.clientWidth, characters,
      picture: first?.currentSrc, bare: [...document.images].filter((i) => !i.hasAttribute('width') || !i.hasAttribute('alt')).length,
    };
  });
  await page.screenshot({ path: join(SHOTS, `${name}-${look}.png`), fullPage: true });
  const html = await fetch(site + path, { headers: { 'accept-encoding': 'gzip' } });
  const bytes = Number(html.headers.get('content-length'));
  const picture = weights.get(seen.picture) ?? 0;
  const faults = [];
  if (bytes > 14_336) faults.push('too heavy');
  if (seen.wide > seen.view) faults.push(`sticks out by ${seen.wide - seen.view} px`);
  if (width === 360 && picture > 60 * 1024) faults.push('first picture over 60 KB');
  if (width > 600 && seen.characters > 75) faults.push('lines too long');
  if (seen.bare) faults.push(`${seen.bare} pictures without size or alt`);
  wrong += faults.length;
  console.log(`${name} ${look}: ${bytes} bytes, picture ${picture}, ${seen.characters} characters a line${faults.map((f) => `, ${f.toUpperCase()}`).join('')}`);
  await context.close();
}

async function print(name, path) {
  const page = await browser.newPage({ viewport: { width: 720, height: 1000 } });
  await page.goto(site + path, { waitUntil: 'networkidle' });
  await page.emulateMedia({ media: 'print' });
  await page.screenshot({ path: join(SHOTS, `${name}-print.png`), fullPage: true });
  await page.close();
}
