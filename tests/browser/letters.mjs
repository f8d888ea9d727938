// Holds every printed letter against what mail programs know (caniemail), and looks at it on a phone and a desk, by day
// and by night. The letters are written by the press's tests: `cargo test -p press --test pages`.
// `node tests/browser/letters.mjs [NAME…]`: only these are looked at; pictures go to artefacts/letters/.
import { doIUseEmail } from '@jsx-email/doiuse-email';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../..');
const LETTERS = process.env.MASTHEAD_LETTERS ?? join(ROOT, 'target/tmp/letters');
const PICTURES = join(ROOT, 'artefacts/letters');
const BYTES_MAX = 60 * 1024;
const BYTES_ALARM = 30 * 1024;
const CLIENTS = ['gmail.*', 'outlook.*', 'yahoo.*', 'apple-mail.*', 'samsung-email.*', 'thunderbird.*'];

/** Findings that cannot be helped, each with why it may stay. A finding that is not here fails. */
const KNOWN = [
  // Only enlarges and darkens: without it the letter is that of a phone, by day.
  [/^`@media` is not supported by/, ['gmail.mobile-webmail', 'outlook.windows', 'outlook.windows-mail', 'thunderbird.macos']],
  [/^`<style> element` is not supported by/, ['gmail.mobile-webmail', 'outlook.windows', 'outlook.windows-mail', 'thunderbird.macos', 'yahoo.android']],
  // Becomes a div; the wrapper in it repeats all that it carries.
  [/^`<body> element` is not supported by/, ['outlook.macos', 'outlook.ios', 'outlook.android', 'yahoo.ios', 'yahoo.android']],
  // The line beside the subject: one of the two hides it where the other fails, and it is 1 px in the paper's colour.
  [/^`display:none` is not supported by/, ['gmail.mobile-webmail']],
  [/^`overflow` is not supported by/, ['outlook.windows', 'outlook.windows-mail', 'outlook.android', 'yahoo.android']],
  // Ignored without harm.
  [/^`role attribute` is not supported by/, ['outlook.windows-mail']],
  // A long address below a button that works.
  [/^`word-break` is not supported by/, ['outlook.windows-mail', 'yahoo.desktop-webmail', 'yahoo.ios', 'yahoo.android']],
];

const isKnown = (finding) => KNOWN.some(([what, where]) => what.test(finding) && where.some((one) => finding.endsWith(`\`${one}\``)));

function faultsOfHtml(name, html) {
  const faults = [];
  const bytes = Buffer.byteLength(html);
  if (bytes > BYTES_MAX) faults.push(`${bytes} bytes are more than ${BYTES_MAX}`);
  else if (bytes > BYTES_ALARM) console.log(`note ${name}: ${bytes} bytes, more than ${BYTES_ALARM}`);
  const { errors = [] } = doIUseEmail(html, { emailClients: CLIENTS });
  for (const finding of new Set(errors)) if (!isKnown(finding)) faults.push(finding);
  const styles = [...html.matchAll(/ style="([^"]*)"/g)].map(([, style]) => style).join(';');
  if (/var\(|\drem|inherit|url\(/.test(styles)) faults.push('a style that mail programs do not know');
  return faults;
}

/** Runs in the page: sideways scroll, headings, pictures, and every text too pale for its ground. */
function faultsOfPage() {
  const faults = [];
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) faults.push(`${over} px too wide`);
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  for (const image of document.images) {
    if (!image.hasAttribute('alt')) faults.push('a picture without alt');
    if (image.width < 40 || image.height < 2 && image.complete && image.naturalWidth > 0) faults.push('a picture nobody sees');
  }
  const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const light = (parts) => {
    const [r, g, b] = parts.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const parts = rgb(getComputedStyle(one).backgroundColor);
      if (parts.length === 3 || parts[3] > 0) return parts.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const style = getComputedStyle(element);
    if (!node.textContent.trim() || element.closest('div[style*="display:none"]') || style.display === 'none') continue;
    if (parseFloat(style.fontSize) < 13.5) faults.push(`${style.fontSize} is small: ${node.textContent.trim().slice(0, 30)}`);
    const [one, other] = [light(rgb(style.color).slice(0, 3)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faults.push(`${ratio.toFixed(1)}:1 is pale: ${node.textContent.trim().slice(0, 30)}`);
  }
  return faults;
}

const wanted = process.argv.slice(2);
const names = (await readdir(LETTERS)).filter((name) => name.endsWith('.html')).map((name) => name.slice(0, -5)).sort();
if (names.length < 60) throw new Error(`only ${names.length} letters in ${LETTERS}; run the press's tests first`);
await mkdir(PICTURES, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = 0;
try {
  for (const width of [320, 680]) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: true, offline: true });
      const page = await context.newPage();
      for (const name of names) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        const html = await readFile(join(LETTERS, `${name}.html`), 'utf8');
        await page.setContent(html, { waitUntil: 'domcontentloaded' });
        const faults = await page.evaluate(faultsOfPage);
        if (width === 320 && colorScheme === 'light') faults.push(...faultsOfHtml(name, html));
        if (wanted.length > 0) await page.screenshot({ path: join(PICTURES, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        for (const fault of new Set(faults)) console.log(`FAIL ${name} at ${width}, ${colorScheme}: ${fault}`);
        failed += faults.length;
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
console.log(`${names.length} letters, ${failed} faults`);
process.exit(failed === 0 ? 0 : 1);
