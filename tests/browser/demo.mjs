// Starts and stops the program under test: `masthead demo` on free ports in a folder of its own.
import { spawn, execFile } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_SECONDS_MAX = 120;
const STOP_SECONDS_MAX = 20;

export class Demo {
  constructor(program, folder) {
    this.program = program;
    this.folder = folder;
    this.log = '';
  }

  /** Starts, and waits for the one line that says where everything is. */
  async start() {
    const anywhere = '127.0.0.1:0';
    const words = ['demo', '--json', '--data', this.folder, '--listen', anywhere, '--smtp', anywhere, '--tray', anywhere];
    this.process = spawn(this.program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (part) => { this.log += part; });
    this.ended = new Promise((done) => this.process.on('close', (code, signal) => done(signal ?? code)));
    const first = new Promise((done) => createInterface({ input: this.process.stdout }).once('line', done));
    const line = await Promise.race([
      first,
      this.ended.then((code) => { throw new Error(`the demo ended with ${code} before it said anything:\n${this.log}`); }),
      after(START_SECONDS_MAX, `the demo said nothing for ${START_SECONDS_MAX} seconds:`, () => this.log),
    ]);
    Object.assign(this, JSON.parse(line));
    for (const name of ['site', 'newsroom', 'tray', 'smtp']) {
      if (typeof this[name] !== 'string') throw new Error(`the demo's line has no "${name}": ${line}`);
    }
    this.site = this.site.replace(/\/$/, '');
    this.tray = this.tray.replace(/\/$/, '');
  }

  /** Stops as an operator would; gives the exit status. */
  async stop() {
    if (!this.process || this.process.exitCode !== null) return this.ended;
    this.process.kill('SIGTERM');
    try {
      return await Promise.race([this.ended, after(STOP_SECONDS_MAX, 'the demo did not stop', () => this.log)]);
    } catch (trouble) {
      this.process.kill('SIGKILL');
      throw trouble;
    }
  }

  /** Another command on the same folder; gives what it reported. */
  async command(...words) {
    const { stdout } = await run(this.program, [...words, '--data', this.folder, '--json'], { timeout: 60_000 });
    return stdout.trim() === '' ? null : JSON.parse(stdout);
  }

  async letters(to) {
    const answer = await fetch(`${this.tray}/messages.json?to=${encodeURIComponent(to)}`);
    if (!answer.ok) throw new Error(`the tray answered ${answer.status}`);
    return answer.json();
  }

  async letter(id) {
    const answer = await fetch(`${this.tray}/message/${id}.json`);
    if (!answer.ok) throw new Error(`the tray answered ${answer.status} for letter ${id}`);
    return answer.json();
  }

  /** The newest letter to `to` for which `fits` holds, as soon as the tray has it. */
  async arrival(to, what, fits) {
    return until(`${what} to ${to} in the tray`, 45, async () => {
      for (const { id } of await this.letters(to)) {
        const letter = await this.letter(id);
        if (fits(letter)) return letter;
      }
      return null;
    });
  }
}

/** Looks again and again until there is something; says what was missing when time is up. */
async function until(what, secondsMax, look) {
  const end = Date.now() + secondsMax * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${secondsMax} seconds for ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function after(seconds, words, log) {
  return new Promise((_, fail) => {
    setTimeout(() => fail(new Error(`${words}\n${log()}`)), seconds * 1000).unref();
  });
}

export const header = (letter, name) =>
  letter.headers.filter(([n]) => n.toLowerCase() === name.toLowerCase()).map(([, value]) => value.trim());
