// Holds every kind of page of the demo to the checkers: Nu for the HTML, axe for WCAG 2.2 AA, the width of a small
// phone and large letters, the keyboard; and feeds and sitemaps to their standards. Talks to loopback only.
// `node audit.mjs [quick] [nu] [look] [keyboard] [feeds]`: the parts that are named, or all; `quick` takes one page of
// each kind. Needs Java for `nu` and `feeds`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Demo } from './demo.mjs';
import * as machines from './machines.mjs';
import { JAR, faults } from './schemas.mjs';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const ROOT = resolve(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'masthead-audit-'));
const demo = new Demo(process.env.MASTHEAD_PROGRAM ?? join(ROOT, 'target/debug/masthead'), join(folder, 'paper'));
const LANGUAGES = ['en', 'fr', 'ht', 'sw', 'es', 'ar'];
/** What nobody types and somebody will: in a headline, a standfirst, a name, a picture's words. */
const HOSTILE = `---
headline: "</title><script>alert(1)</script> \\"&amp;' <b>bold</b> ‮gnidaeh‬ ${'Donaudampfschifffahrtsgesellschaft'.repeat(3)}"
standfirst: "]]> <!-- & \\u00e9\\u0301 ' \\" <img src=x onerror=alert(1)>"
section: culture
language: en
bylines: [{name: "O'Neil <\\"&>", role: writer}]
published: 2025-08-24T09:00:00+03:00
---

Text with <em>tags</em> & ]]> and a very long address https://example.org/${'a'.repeat(300)} in it.

> “Quoted <script>”
> — Somebody & \\"Co\\", \`code\`

| a | ${'wide'.repeat(40)} | c |
|---|---|---|
| <b> | & | ${'x'.repeat(120)} |
`;

const PARTS = ['nu', 'look', 'keyboard', 'feeds'];
const words = process.argv.slice(2);
const isQuick = words.includes('quick');
const asked = words.filter((word) => word !== 'quick');
const unknown = asked.filter((part) => !PARTS.includes(part));
if (unknown.length > 0) {
  console.error(`The audit knows quick and the parts ${PARTS.join(', ')}, but not “${unknown.join(' ')}”.`);
  process.exit(2);
}
const holds = (part) => asked.length === 0 || asked.includes(part);
let browser;
let page;
let failed = 0;

function say(name, broken) {
  failed += broken.length > 0 ? 1 : 0;
  console.log(`${broken.length > 0 ? 'FAIL' : 'ok  '} ${name}`);
  for (const sentence of broken.slice(0, 40)) console.log(`     ${sentence}`);
  if (broken.length > 40) console.log(`     … and ${broken.length - 40} more`);
}

/** Articles among an index of the site: those with quotes, tables, pictures and notes, those in other languages, the hostile one. */
const ARTICLES = /^\/(fr|ht|sw|es|ar)\/|who-will-lead-and-pay-for-the-mission-in-haiti|the-tide-gauge-that-sank|the-cloth-that-is-a-map|the-last-months|hand-raked-salt-finds-a-buyer|the-library-that-comes|hostile/;

/** Every kind of page readers meet, in the languages they meet it in. */
async function places() {
  const { site } = demo;
  const map = await (await fetch(`${site}/sitemap-1.xml`)).text();
  const paths = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => new URL(address).pathname);
  const articles = paths.filter((path) => ARTICLES.test(path));
  const list = ['/', '/international', '/topic/haiti', '/author/kalinda-oroko', '/archive', '/archive/2025', '/archive/2025/08', '/archive/2025/08/22',
    '/archive/2024/02', '/archive/2025/08/03', '/search', '/search?q=haiti', '/search?q=hatii+mision', '/search?q=zzzz+haiti&language=all&order=newest', '/search?q=%3Cscript%3E%22%26',
    '/subscribe', '/corrections', '/about', '/masthead', '/corrections-policy', '/ethics', '/privacy', '/internatinal/who-will-leed', '/%E2%80%AE<x>', '/preferences/abc', '/subscribe/confirm/abc'];
  for (const language of LANGUAGES.filter((language) => language !== 'en')) {
    list.push(`/${language}/`, `/${language}/culture`, `/${language}/search?q=haiti`, `/${language}/archive`, `/${language}/subscribe`, `/${language}/nothing/here`);
  }
  return [...new Set([...list, ...articles])];
}

/** One page of each kind, the hostile ones first. */
const KINDS = [
  /\/hostile$/, /q=%3Cscript/, /^\/%E2/, /^\/$/, /^\/ar\/$/, /^\/international$/, /^\/ar\/culture$/, /who-will-lead/, /^\/ar\/[a-z]+\/.*-/, /^\/topic\//, /^\/author\//, /^\/archive$/,
  /^\/archive\/2025\/08$/, /^\/archive\/2025\/08\/22$/, /^\/search\?q=haiti$/, /^\/search\?q=zzzz/, /^\/fr\/subscribe$/, /^\/corrections$/, /^\/about$/, /^\/fr\/nothing/,
  /^\/preferences\/.{20}/, /^\/unsubscribe\//,
];

/** Every kind of page the newsroom has, one of each, signed in by the demo's link and after an edition has left. */
async function newsroom() {
  await page.goto(demo.newsroom);
  await press(page.locator('main form[method="post"] button').first());
  await demo.command('edition', 'send');
  const live = await link('/newsroom/articles?state=live', /\/articles\/[0-9a-z]{13}$/);
  const waiting = await link('/newsroom/articles?state=review', /\/articles\/[0-9a-z]{13}$/);
  const edition = await link('/newsroom/edition', /\/newsroom\/edition\/.+/);
  const occasion = await link('/newsroom/deliveries', /\?occasion=edition/);
  const list = ['', '/articles', '/articles/new', '/pictures', '/edition', '/deliveries', '/subscribers', '/segments',
    '/segments?newsletter=daily-updates&language=fr', '/letters/new', '/staff', '/authors', '/ledger', '/nothing/here',
    ...['', '/look', '/mail', '/machines', '/house'].map((part) => `/settings${part}`)].map((path) => `/newsroom${path}`);
  const acts = ['', '/revisions', '/preview', '/publication', '/breaking', '/correction', '/address', '/withdrawal', '/hiding'];
  list.push(...acts.map((act) => live + act), `${waiting}/publication`, edition, `${edition}/sending`, occasion);
  list.push(`${live}/comparison?before=1&after=1`, `${occasion}&state=sent`);
  list.push(await link('/newsroom/segments', /\/subscribers\/[0-9a-z]{13}$/), await link('/newsroom/authors', /\/authors\/.+/));
  list.push(await filled(`${live}/breaking`, { headline: 'The harbour is closed', sentences: 'A wave took the light. Boats stay out.', known: 'Nobody was hurt.' }));
  list.push(await filled('/newsroom/letters/new', { title: 'A letter to our readers', body: 'Dear readers,\n\nthe harbour is open again.' }));
  return [...new Set(list)];
}

/** The first link on a page whose address fits. */
async function link(path, fits) {
  await page.goto(demo.site + path);
  const all = await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
  const found = all.find((href) => fits.test(href));
  assert.ok(found, `${path} leads nowhere like ${fits}: ${all}`);
  return found;
}

/** Sends the form of a page filled in; gives the page that follows. */
async function filled(path, words) {
  await page.goto(demo.site + path);
  for (const [name, text] of Object.entries(words)) await page.locator(`main [name="${name}"]`).fill(text);
  await press(page.locator('.foot .btn.go'));
  const next = page.url().slice(demo.site.length);
  assert.notEqual(next, path, `the form of ${path} was not taken: ${await page.locator('main .alarm').allInnerTexts()}`);
  return next;
}

const press = (button) => Promise.all([page.waitForLoadState('load'), button.click()]);

/** A private page of each kind: preferences and the way out, as the letters of a new reader lead to them. */
async function privatePages() {
  const address = 'audit@example.org';
  await page.goto(`${demo.site}/subscribe`);
  const form = page.locator('main form:has(input[name="email"])').first();
  await form.locator('input[name="email"]').fill(address);
  await Promise.all([page.waitForLoadState('load'), form.locator('button').first().click()]);
  const letter = await demo.arrival(address, 'the letter that asks to confirm', (one) => one.links.some((link) => link.includes('/confirm')));
  const confirm = letter.links.find((link) => link.includes('/confirm'));
  await page.goto(confirm);
  await Promise.all([page.waitForLoadState('load'), page.locator('main form[method="post"] button').first().click()]);
  const href = page.url().includes('/preferences/') ? page.url() : await page.locator('a[href*="/preferences/"]').first().getAttribute('href');
  const preferences = new URL(href, demo.site).pathname;
  return [preferences, preferences.replace('/preferences/', '/unsubscribe/')];
}

async function nu(list) {
  const pages = join(folder, 'pages');
  await mkdir(pages);
  const names = new Map();
  const cookie = (await page.context().cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
  for (const [at, path] of list.entries()) {
    const answer = await fetch(demo.site + path, { headers: path.startsWith('/newsroom') ? { cookie } : {} });
    const name = `${String(at).padStart(4, '0')}.html`;
    names.set(name, path);
    await writeFile(join(pages, name), await answer.text());
  }
  const words = ['-Xss4m', '-jar', JAR, '--format', 'json', '--exit-zero-always', '--skip-non-html', pages];
  const { stderr } = await run('java', words, { maxBuffer: 64 * 1024 * 1024 });
  const { messages } = JSON.parse(stderr);
  return messages.filter((one) => one.type !== 'info')
    .map((one) => `${names.get(one.url?.split('/').pop()) ?? one.url} line ${one.lastLine}: ${one.message} ${JSON.stringify(one.extract ?? '')}`);
}

const MEASURES = [
  { width: 1280, colorScheme: 'light', axe: true },
  { width: 360, colorScheme: 'dark', axe: true },
  { width: 320, colorScheme: 'light' },
  { width: 320, colorScheme: 'light', letters: '200%' },
];
/** Pages looked at side by side. */
const EYES = 2;

/** Axe, the width and the console, page by page; gives three lists of what is wrong. */
async function look(list) {
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  const found = { barriers: [], wide: [], complaints: [] };
  const context = await browser.newContext({ storageState: await page.context().storageState(), reducedMotion: 'reduce' });
  const waiting = [...list.entries()];
  const eye = async () => {
    const view = await context.newPage();
    view.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && found.complaints.push(`${view.url()}: ${message.text()}`));
    view.on('pageerror', (error) => found.complaints.push(`${view.url()}: ${error}`));
    for (let next = waiting.shift(); next; next = waiting.shift()) await see(view, next, axe, found);
  };
  await Promise.all(Array.from({ length: EYES }, eye));
  await context.close();
  return found;
}

async function see(view, [at, path], axe, { barriers, wide }) {
  // In a hurry axe looks at a page of the newsroom once: at one wide and light, at the next narrow and dark.
  const once = isQuick && path.startsWith('/newsroom') ? MEASURES[at % 2] : null;
  await view.goto(demo.site + path);
  for (const measure of MEASURES) {
    const { width, colorScheme, letters } = measure;
    const isHeld = measure.axe && (once ?? measure) === measure;
    await view.setViewportSize({ width, height: 800 });
    await view.emulateMedia({ colorScheme });
    const over = await view.evaluate((size) => {
      const root = document.documentElement;
      root.style.fontSize = size ?? '';
      const over = root.scrollWidth - root.clientWidth;
      const isOut = (one) => { const box = one.getBoundingClientRect(); return box.right > root.clientWidth + 1 || box.left < -1; };
      const all = [...document.body.querySelectorAll('*')];
      // What is fixed to the screen makes no page wider: it is cut off.
      const fixed = all.filter((one) => getComputedStyle(one).position === 'fixed').flatMap((one) => [...one.querySelectorAll('*')]);
      const cut = fixed.find((one) => isOut(one) && one.checkVisibility() && getComputedStyle(one).position === 'static');
      if (cut) return `<${cut.tagName.toLowerCase()} class="${cut.className}"> is cut off at the edge of the screen: ${cut.textContent.trim().slice(0, 40)}`;
      if (over <= 0) return null;
      const culprit = all.findLast((one) => isOut(one) && getComputedStyle(one).position === 'static');
      return `${over} px${culprit ? ` by <${culprit.tagName.toLowerCase()} class="${culprit.className}">${culprit.textContent.trim().slice(0, 40)}` : ''}`;
    }, letters);
    if (over) wide.push(`${path} at ${width}${letters ? ` with letters of ${letters}` : ''}: ${over}`);
    if (!isHeld) continue;
    await view.evaluate(axe);
    const violations = await view.evaluate(async () => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const result = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
      return result.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 2).map((node) => node.html.slice(0, 160)).join(' | ')}`);
    });
    barriers.push(...violations.map((sentence) => `${path} at ${width} ${colorScheme}: ${sentence}`));
  }
}

/** Walks a page with the Tab key: the way into the text comes first, and one always sees where one is. */
async function keyboard(path) {
  const broken = [];
  await page.goto(demo.site + path);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.getAttribute('href'));
  if (first !== '#main') broken.push(`${path}: the first stop is not the way to the text but ${first}`);
  await page.keyboard.press('Enter');
  const stop = await page.evaluate(() => location.hash);
  if (stop !== '#main') broken.push(`${path}: the way to the text leads to ${stop}`);
  await page.goto(demo.site + path);
  const reachable = await page.locator('a[href]:not([tabindex="-1"]), button, input:not([type="hidden"]):not([tabindex="-1"]), select, summary').evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
  const seen = new Set();
  for (let stops = 0; stops < reachable + 20; stops += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      const style = getComputedStyle(one);
      const is_seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      one.dataset.stop ??= String(Math.random());
      return { id: one.dataset.stop, html: one.outerHTML.slice(0, 120), is_seen };
    });
    if (!here || seen.has(here.id)) break;
    seen.add(here.id);
    if (!here.is_seen) broken.push(`${path}: nobody sees that the keyboard stands on ${here.html}`);
  }
  if (seen.size < reachable) broken.push(`${path}: the keyboard reaches ${seen.size} of ${reachable}`);
  return broken;
}

async function feeds() {
  const broken = [];
  const note = (path, list) => broken.push(...list.map((rule) => `${path}: ${rule}`));
  await page.goto(`${demo.site}/robots.txt`);
  const body = async (path) => {
    const answer = await fetch(demo.site + path);
    assert.equal(answer.status, 200, path);
    return answer.text();
  };
  const atoms = [];
  for (const place of ['', '/international', '/topic/haiti', '/author/kalinda-oroko', ...LANGUAGES.slice(1).map((one) => `/${one}`)]) {
    note(`${place}/feed.xml`, await machines.rss(page, await body(`${place}/feed.xml`)));
    const atom = await body(`${place}/feed.atom`);
    atoms.push([`${place}/feed.atom`, atom]);
    note(`${place}/feed.atom`, await machines.atom(page, atom));
    note(`${place}/feed.json`, machines.json(await body(`${place}/feed.json`)));
  }
  const { origin } = new URL(demo.site);
  const waiting = ['/sitemap.xml', '/sitemap-news.xml'];
  const maps = [];
  let listed = 0;
  for (const path of waiting) {
    const map = await body(path);
    maps.push([path, map]);
    const found = await machines.sitemap(page, map, origin);
    note(path, found.broken);
    for (const address of found.addresses) {
      const { pathname } = new URL(address);
      if (found.isIndex) {
        if (!waiting.includes(pathname)) waiting.push(pathname);
        continue;
      }
      listed += 1;
      const answer = await fetch(address, { redirect: 'manual' });
      if (answer.status !== 200) broken.push(`${path} lists ${pathname}, which answers ${answer.status}`);
    }
  }
  if (listed === 0) broken.push('the sitemaps list nothing');
  broken.push(...await faults('atom', atoms), ...await faults('sitemap', maps));
  // A schema that lets everything pass would be none.
  for (const [schema, [[, xml]], needed] of [['atom', atoms, 'updated'], ['sitemap', maps, 'loc']]) {
    const spoiled = xml.replace(new RegExp(`<${needed}>.*?</${needed}>`), '');
    if ((await faults(schema, [['spoiled', spoiled]])).length === 0) broken.push(`the schema ${schema} does not miss <${needed}>`);
  }
  return broken;
}

try {
  await demo.start();
  const quiet = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: quiet });
  page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  const odd = join(folder, 'odd');
  await mkdir(odd);
  await writeFile(join(odd, 'hostile.md'), HOSTILE);
  await demo.command('import', 'markdown', odd);
  const list = await places();
  assert.ok(list.some((path) => path.endsWith('/hostile')), `the hostile article is not on the site: ${list}`);
  list.push(...await privatePages(), ...await newsroom());
  if (isQuick) {
    const some = KINDS.flatMap((kind) => list.filter((path) => kind.test(path)).slice(0, 1));
    assert.equal(some.length, KINDS.length, `a kind of page is missing among ${list}`);
    list.splice(0, list.length, ...new Set([...some, ...list.filter((path) => path.startsWith('/newsroom'))]));
  }
  if (holds('nu')) say(`no error for the Nu checker on ${list.length} pages`, await nu(list));
  if (holds('look')) {
    const { barriers, wide, complaints } = await look(list);
    say('no barrier for axe (WCAG 2.2 AA), light and dark, wide and narrow', barriers);
    say('no page needs sideways scrolling at 320, 360, 1280 px, nor at 320 px with letters of 200 %', wide);
    say('the browser complains about no page', complaints);
  }
  if (holds('keyboard')) {
    const stops = [];
    for (const path of ['/', '/international', '/search?q=haiti', '/subscribe', '/archive', '/ar/']) stops.push(...await keyboard(path));
    say('the keyboard reaches everything, and one sees where', stops);
  }
  if (holds('feeds')) say('feeds and sitemaps keep to their standards', await feeds());
} catch (trouble) {
  failed += 1;
  console.log(`FAIL the audit: ${trouble.stack}\n--- the demo's log ---\n${demo.log.slice(-4000)}`);
} finally {
  await browser?.close();
  await demo.stop().catch((trouble) => console.log(trouble.message));
  await rm(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
