// Asks Lighthouse for its scores of the demo's main kinds of page and prints them with what costs points.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as launcher from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { Demo } from '../../tests/browser/demo.mjs';

const KINDS = ['performance', 'accessibility', 'best-practices', 'seo'];
const PAGES = [
  ['front', '/'],
  ['article', '/international/who-will-lead-and-pay-for-the-mission-in-haiti'],
  ['section', '/international'],
  ['search', '/search'],
  ['search, with answers', '/search?q=haiti'],
];
/** A page of answers asks not to be listed, which is right and costs points under "SEO". */
const UNLISTED = new Set(['search, with answers']);
const RUNS = 3;

const folder = await mkdtemp(join(tmpdir(), 'masthead-scores-'));
const demo = new Demo(process.env.MASTHEAD_PROGRAM, join(folder, 'paper'));
let chrome;
let short = 0;
try {
  await demo.start();
  chrome = await launcher.launch({
    chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromeFlags: ['--headless=new', '--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  console.log(`page                      ${KINDS.join('  ')}   (median of ${RUNS})`);
  for (const [name, path] of PAGES) {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) {
      runs.push((await lighthouse(demo.site + path, { port: chrome.port, onlyCategories: KINDS, logLevel: 'error' })).lhr);
    }
    const score = (lhr, kind) => Math.round((lhr.categories[kind].score ?? 0) * 100);
    const median = (kind) => runs.map((lhr) => score(lhr, kind)).sort((a, b) => a - b)[(RUNS - 1) / 2];
    console.log(`${name.padEnd(25)} ${KINDS.map((kind) => String(median(kind)).padStart(kind.length)).join('  ')}`);
    const costs = (lhr, kind) => lhr.categories[kind].auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1);
    for (const kind of KINDS.filter((kind) => median(kind) < 100)) {
      if (kind === 'seo' && UNLISTED.has(name)) continue;
      short += 1;
      const last = runs.at(-1);
      for (const { id } of costs(last, kind)) console.log(`  ${kind}: ${last.audits[id].title} ${last.audits[id].displayValue ?? ''}`);
    }
  }
} catch (trouble) {
  short += 1;
  console.error(trouble);
} finally {
  chrome?.kill();
  await demo.stop().catch((trouble) => console.error(trouble.message));
  await rm(folder, { recursive: true, force: true });
}
process.exit(short === 0 ? 0 : 1);
