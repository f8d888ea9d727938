// Holds XML to the schemas in `schemas/` (RELAX NG, compact). The validator is Jing as it comes with the Nu checker; it
// needs Java.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
export const JAR = join(require.resolve('vnu-jar/package.json'), '../build/dist/vnu.jar');
const JING = 'nu.validator.vendor.thaiopensource.relaxng.util.Driver';

/** What is wrong with `texts`, each [name, XML], by the schema of that name; a sentence for each fault. */
export async function faults(schema, texts) {
  const folder = await mkdtemp(join(tmpdir(), 'masthead-schemas-'));
  try {
    const names = new Map();
    for (const [at, [name, xml]] of texts.entries()) {
      names.set(`${at}.xml`, name);
      await writeFile(join(folder, `${at}.xml`), xml);
    }
    const files = [...names.keys()].map((file) => join(folder, file));
    const words = ['-cp', JAR, JING, '-c', join(import.meta.dirname, 'schemas', `${schema}.rnc`), ...files];
    try {
      await run('java', words, { maxBuffer: 16 * 1024 * 1024 });
      return [];
    } catch ({ code, stdout = '', message }) {
      if (code !== 1 || !stdout) throw new Error(`the validator did not run: ${message}`);
      return stdout.trim().split('\n').map((line) => {
        const [, file, place, said] = /^(.+\.xml):(\d+:\d+): (.*)$/.exec(line) ?? [null, '', '', line];
        return `${names.get(basename(file)) ?? schema} at ${place}: ${said}`;
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
