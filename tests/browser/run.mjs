// The journey of a reader through a real browser: subscribe, confirm, choose, read the edition, leave.
// Runs against the program itself. Ends with `N passed, N failed`; pictures of the pages go to artefacts/.
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { Demo, header } from './demo.mjs';

const ROOT = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const PROGRAM = process.env.MASTHEAD_PROGRAM ?? join(ROOT, 'target/debug/masthead');
const PICTURES = join(ROOT, 'artefacts');
const ROSE = 'rose.laguerre@reader.example';
const BEN = 'ben.otieno@reader.example';
const LETTER_BYTES_MAX = 60 * 1024;

const folder = await mkdtemp(join(tmpdir(), 'masthead-browser-'));
const demo = new Demo(PROGRAM, join(folder, 'paper'));
const known = {};
let browser;
let reader;
let page;

const steps = [
  ['the demo starts and says where everything is', async () => {
    await demo.start();
    for (const [path, base] of [['/healthz', demo.site], ['/readyz', demo.site], ['/', demo.tray]]) {
      assert.equal((await fetch(base + path)).status, 200, base + path);
    }
  }],

  ['the front page leads to articles, without script', async () => {
    await open('/');
    assert.ok(await page.locator('h1').count() >= 1, 'no h1');
    const found = await page.locator('main a[href]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.ok(found.some((href) => href.includes('/international/')), `no article of International in ${found}`);
    const locations = async (address) => [...(await (await fetch(address)).text()).matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, place]) => place);
    const parts = await locations(`${demo.site}/sitemap.xml`);
    const places = (await Promise.all(parts.map(locations))).flat().map((place) => new URL(place).pathname);
    known.places = places;
    known.article = places.find((place) => place.includes('/who-will-lead-and-pay-for-the-mission-in-haiti') && !/^\/(fr|ht)\//.test(place));
    known.arabic = places.find((place) => /^\/ar\/[^/]+\/[^/]+$/.test(place));
    assert.ok(known.article && known.arabic, `the site map lacks an article: ${places.length} places`);
  }],

  ['the article has every part that a reader looks for', async () => {
    await open(known.article);
    const has = async (what, places) => assert.ok(await page.locator(places).count() > 0, `no ${what}: ${places}`);
    await has('logo that leads home', 'header a[href="/"]');
    await has('one headline', 'h1');
    await has('section that leads to its page', 'main a[href="/international"]');
    await has('date a machine can read', 'main time[datetime]');
    await has('quotation', 'main blockquote');
    await has('author that leads to their page', 'main a[href^="/author/"]');
    await has('sign-up form', 'form[method="post"][action*="subscribe"]');
    assert.match(await page.locator('main').innerText(), /\d+\s*min/i);
    for (const image of await page.locator('main img').all()) {
      assert.notEqual(await image.getAttribute('alt'), null, 'a picture without alt');
    }
    const data = JSON.parse(await page.locator('script[type="application/ld+json"]').first().textContent());
    assert.ok(JSON.stringify(data).includes('NewsArticle'), 'no NewsArticle');
  }],

  ['an Arabic article reads from right to left', async () => {
    await open(known.arabic);
    assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
    assert.equal(await page.locator('html').getAttribute('lang'), 'ar');
  }],

  ['search finds the article by a word of its text', async () => {
    await open('/search?q=Haiti');
    const found = await page.locator('main a[href]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.ok(found.some((href) => href.includes('haiti')), `nothing about Haiti among ${found}`);
    await open(`/search?q=${encodeURIComponent('<script>alert(1)</script>')}`);
    assert.equal(await page.locator('script:not([type])').count(), 0);
  }],

  ['what is not there says so', async () => {
    const answer = await page.goto(`${demo.site}/international/nobody-wrote-this`);
    assert.equal(answer.status(), 404);
    assert.ok((await page.locator('main').innerText()).length > 20);
  }],

  ['a reader signs up and confirms with a button, and looking changes nothing', async () => {
    known.rose = await joinIn(ROSE);
  }],

  ['the preference centre keeps what is chosen', async () => {
    await page.goto(known.rose);
    const hour = page.locator('select[name="hour"]').first();
    const before = await hour.inputValue();
    const other = (await hour.locator('option').evaluateAll((all) => all.map((o) => o.value))).find((value) => value !== before);
    await hour.selectOption(other);
    await press(page.locator('form:has(select[name="hour"]) button').first());
    assert.equal(await page.locator('[role="status"]').count(), 1, 'nothing says that the choice was kept');
    await page.goto(known.rose);
    assert.equal(await page.locator('select[name="hour"]').first().inputValue(), other);
  }],

  ['a second reader signs up from the box below an article', async () => {
    await open(known.article);
    known.ben = await joinIn(BEN, page.locator('form[method="post"][action*="subscribe"]').first());
  }],

  ['this morning’s edition is sent by one command and arrives', async () => {
    await demo.command('edition', 'send');
    const articles = (letter) => known.places.filter((place) => /^(\/[a-z]{2})?\/[^/]+\/[^/]+$/.test(place) && (letter.html ?? '').includes(demo.site + place));
    const isEdition = (letter) => header(letter, 'List-Unsubscribe-Post').length === 1 && header(letter, 'List-Id').length === 1
      && letter.links.some((link) => link.includes('/unsubscribe/')) && articles(letter).length >= 3;
    known.letter = await demo.arrival(ROSE, 'the edition', isEdition);
    known.other = await demo.arrival(BEN, 'the edition', isEdition);
    assert.ok(known.letter.text.length > 200, 'the text part is short');
    assert.ok(Buffer.byteLength(known.letter.html) <= LETTER_BYTES_MAX, 'the letter is too long');
    assert.equal(header(known.letter, 'DKIM-Signature').length >= 1, true, 'the letter is not signed');
    assert.equal(known.letter.to.length, 1);
  }],

  ['the letter reads in the tray, and its links lead somewhere', async () => {
    await page.goto(`${demo.tray}/message/${known.letter.id}`);
    const paper = page.frameLocator('iframe');
    await paper.locator('h1').first().waitFor();
    assert.ok((await paper.locator('body').innerText()).length > 200);
    const links = [...known.letter.html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href.replaceAll('&amp;', '&').replaceAll('&#38;', '&'));
    const ours = [...new Set(links.filter((href) => href.startsWith(demo.site)))];
    assert.ok(ours.length >= 3, `only ${ours.length} links`);
    for (const href of ours) {
      assert.equal((await fetch(href)).status, 200, href);
    }
    await page.goto(`${demo.tray}/message/${known.letter.id}?show=text`);
    assert.ok((await page.locator('pre.text').innerText()).length > 200);
  }],

  ['nobody gets the same edition twice', async () => {
    const count = async () => (await demo.letters('')).length;
    const before = await count();
    const wave = await demo.command('edition', 'send');
    assert.equal(wave.made, 0);
    assert.equal(await count(), before);
  }],

  ['the link in the letter shows a button, and the button ends it', async () => {
    const link = known.letter.links.find((href) => href.includes('/unsubscribe/'));
    await page.goto(link);
    const button = page.locator('main form[method="post"] button').first();
    assert.equal(await button.count(), 1, 'no button');
    await page.goto(link);
    assert.equal(await button.count(), 1, 'looking twice was enough to leave');
    await press(button);
    assert.equal(await page.locator('main h1').count(), 1);
    const status = await demo.command('edition', 'status');
    assert.ok(Array.isArray(status));
  }],

  ['one click in the mail program is enough, without cookies or redirects', async () => {
    const [list] = header(known.other, 'List-Unsubscribe');
    const address = list.match(/<(https?:[^>]+)>/)[1];
    const answer = await fetch(address, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('set-cookie'), null);
    const again = await fetch(address, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) });
    assert.equal(again.status, 200, 'a mail program may try twice');
  }],

  ['staff come in by a link that works once', async () => {
    await page.goto(demo.newsroom);
    const button = page.locator('main form[method="post"] button');
    if (await button.count() > 0 && page.url().includes('/sign-in')) await press(button.first());
    assert.equal(new URL(page.url()).pathname.startsWith('/newsroom'), true, page.url());
    assert.equal(page.url().includes('/sign-in'), false, 'still at the door');
    assert.ok(await page.locator('h1').count() >= 1);
    const other = await browser.newContext();
    const stranger = await other.newPage();
    await stranger.goto(demo.newsroom);
    const door = stranger.locator('main form[method="post"] button');
    if (await door.count() > 0) await door.first().click();
    await stranger.goto(`${demo.site}/newsroom`);
    assert.ok(stranger.url().includes('sign-in'), `a used link let a stranger in: ${stranger.url()}`);
    await other.close();
  }],

  ['what was read can be read again without a network, once the newsroom offers it', async () => {
    await page.goto(`${demo.site}/newsroom/settings/look`);
    await page.locator('input[name="offline"]').check();
    await press(page.locator('main form button[type="submit"]'));
    const context = await browser.newContext({ viewport: { width: 360, height: 720 } });
    const phone = await context.newPage();
    phone.setDefaultTimeout(10_000);
    await phone.goto(demo.site + known.article);
    await phone.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await phone.waitForFunction(async () => (await caches.open('pages').then((pages) => pages.keys())).length >= 2);
    await phone.goto(demo.site + known.arabic);
    await phone.goto(known.rose);
    await phone.waitForFunction(async (path) => (await caches.open('pages').then((pages) => pages.keys())).some((one) => one.url.endsWith(path)), known.arabic);
    // Pages of the last minute would be answered by the browser's own cache.
    await (await context.newCDPSession(phone)).send('Network.clearBrowserCache');
    await context.setOffline(true);
    for (const path of ['/', known.article, known.arabic]) {
      const answer = await phone.goto(demo.site + path);
      assert.equal(answer.status(), 200, path);
      assert.match(await phone.locator('p[role="status"]').innerText(), /20\d\d/, `${path} does not say from when it is`);
      assert.ok((await phone.locator('main').innerText()).length > 200, path);
      assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, path);
    }
    await phone.screenshot({ path: join(PICTURES, 'offline-360-light.png') });
    const missing = await phone.goto(`${demo.site}/culture`);
    assert.equal(missing.status(), 503);
    assert.ok(await phone.locator(`a[href="${known.article}"]`).count() === 1, 'the page that is missing does not lead to those that are kept');
    assert.equal((await phone.goto(known.rose)).status(), 503, 'a page about one person was kept');
    await context.setOffline(false);
    assert.equal((await phone.goto(`${demo.site}/culture`)).status(), 200);
    assert.equal(await phone.locator('p[role="status"]').count(), 0);
    await page.goto(`${demo.site}/newsroom/settings/look`);
    await page.locator('input[name="offline"]').uncheck();
    await press(page.locator('main form button[type="submit"]'));
    await phone.evaluate(() => navigator.serviceWorker.getRegistration().then((one) => one?.update()));
    await phone.waitForFunction(async () => (await caches.keys()).length === 0);
    await context.close();
  }],

  ['no page needs sideways scrolling, light or dark', photograph],

  ['stopping and starting again goes on', async () => {
    const letters = (await demo.letters('')).length;
    assert.equal(await demo.stop(), 0, demo.log);
    await demo.start();
    assert.equal((await demo.letters('')).length, letters);
    await open(known.article);
    assert.equal(await page.locator('h1').count(), 1);
    assert.equal(await demo.stop(), 0, demo.log);
  }],
];

async function open(path) {
  const answer = await page.goto(demo.site + path);
  assert.equal(answer.status(), 200, path);
}

async function press(button) {
  await Promise.all([page.waitForLoadState('load'), button.click()]);
}

/** Signs up, confirms, and gives the address of the preference centre. */
async function joinIn(address, form) {
  if (!form) {
    await open('/subscribe');
    form = page.locator('main form:has(input[name="email"])').first();
  }
  await form.locator('input[name="email"]').fill(address);
  await press(form.locator('button').first());
  assert.ok((await page.locator('main').innerText()).length > 20, 'nothing says what happens next');
  const letter = await demo.arrival(address, 'the letter that asks to confirm', (one) => one.links.some((link) => link.includes('/confirm')));
  const link = letter.links.find((one) => one.includes('/confirm'));
  for (const _look of [1, 2]) {
    const answer = await page.goto(link);
    assert.equal(answer.status(), 200);
    assert.equal(await page.locator('main form[method="post"] button').count(), 1, 'the page to confirm has one button');
  }
  assert.equal((await demo.letters(address)).length, 1, 'looking at the page was taken for a yes');
  await press(page.locator('main form[method="post"] button'));
  await page.screenshot({ path: join(PICTURES, 'confirmed-1280-light.png'), fullPage: true });
  const here = new URL(page.url());
  if (here.pathname.includes('/preferences/')) return here.href;
  const href = await page.locator('a[href*="/preferences/"]').first().getAttribute('href');
  return new URL(href, demo.site).href;
}

async function photograph() {
  const places = [
    ['front', `${demo.site}/`], ['article-en', demo.site + known.article], ['article-ar', demo.site + known.arabic],
    ['section', `${demo.site}/international`], ['search', `${demo.site}/search?q=Haiti`], ['subscribe', `${demo.site}/subscribe`],
    ['preferences', known.rose], ['letter', `${demo.tray}/message/${known.letter.id}/html`],
    ['tray', `${demo.tray}/`], ['tray-letter', `${demo.tray}/message/${known.letter.id}`],
  ];
  const wide = [];
  for (const width of [360, 1280]) {
    for (const scheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: false });
      const view = await context.newPage();
      for (const [name, address] of places) {
        await view.goto(address);
        await view.screenshot({ path: join(PICTURES, `${name}-${width}-${scheme}.png`), fullPage: true });
        const over = await view.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (over > 0) wide.push(`${name} at ${width} is ${over} px too wide`);
      }
      await context.close();
    }
  }
  assert.deepEqual(wide, []);
}

async function main() {
  await rm(PICTURES, { recursive: true, force: true });
  await mkdir(PICTURES, { recursive: true });
  const quiet = ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: quiet });
  reader = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  reader.setDefaultTimeout(10_000);
  page = await reader.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && complaints.push(message.text()));
  let passed = 0;
  let failed = 0;
  for (const [name, step] of steps) {
    try {
      await step();
      assert.deepEqual(complaints.splice(0), [], 'the browser complained');
      passed += 1;
      console.log(`ok   ${name}`);
    } catch (trouble) {
      failed += 1;
      complaints.length = 0;
      console.log(`FAIL ${name}\n     ${String(trouble.message).replaceAll('\n', '\n     ')}\n     at ${page.url()}`);
      await page.screenshot({ path: join(PICTURES, `failed-${failed}.png`), fullPage: true }).catch(() => {});
      if (!demo.site) break;
    }
  }
  return { passed, failed: failed + (steps.length - passed - failed) };
}

let sum = { passed: 0, failed: steps.length };
try {
  sum = await main();
} catch (trouble) {
  console.log(`FAIL the browser: ${trouble.message}`);
} finally {
  await browser?.close();
  await demo.stop().catch((trouble) => console.log(trouble.message));
  if (sum.failed > 0) console.log(`--- the demo's log ---\n${demo.log.slice(-8000)}`);
  await rm(folder, { recursive: true, force: true });
}
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exit(sum.failed === 0 ? 0 : 1);
