// Takes the README's pictures of the demo: `bin/pictures`. Needs a built program; writes docs/*.png.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { Demo } from './demo.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'masthead-pictures-'));
const demo = new Demo(process.env.MASTHEAD_PROGRAM ?? join(ROOT, 'target/release/masthead'), join(folder, 'paper'));
/** A reader of the sample list who reads English and takes every section. */
const READER = 'j.whitcombe@harborline.example';
const ARTICLE = '/international/who-will-lead-and-pay-for-the-mission-in-haiti';

let browser;
try {
  await demo.start();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  await demo.command('edition', 'send');
  const take = async (name, address, width, height, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const page = await context.newPage();
    await page.goto(address, { waitUntil: 'networkidle' });
    await page.screenshot({ path: join(ROOT, 'docs', `${name}.png`) });
    await context.close();
  };
  await take('front', `${demo.site}/`, 1280, 900, 'light');
  await take('article', demo.site + ARTICLE, 1280, 1000, 'light');
  await take('phone', `${demo.site}/`, 360, 720, 'dark');
  const letter = await demo.arrival(READER, 'this morning’s edition', () => true);
  await take('letter', `${demo.tray}/message/${letter.id}/html`, 600, 1000, 'light');
} finally {
  await browser?.close();
  await demo.stop();
  await rm(folder, { recursive: true, force: true });
}
