import { existsSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { startPage } from '../../src/sandbox/page.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { WebPage } from '../../src/sandbox/web/server.ts';
import { type Bot, startBot } from '../e2e/harness.ts';

/** Where Debian and its relatives have it. */
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const AXE = new URL(import.meta.resolve('axe-core/axe.min.js'));

/** Tests in a real browser; without one they are skipped, and say so. */
export const describeInBrowser = CHROMIUM
  ? describe
  : (name: string, body: () => void) => describe.skip(`${name} (skipped: chromium is not installed)`, body);

export interface Stage {
  readonly sandbox: Sandbox;
  readonly url: string;
  /** One page for the tests of the file that need none of their own. */
  page(): Promise<Page>;
  /** A fresh browser with the page open, ready to type, the tour not in the way unless asked for. */
  open(options?: BrowserContextOptions & { readonly tour?: boolean }): Promise<Page>;
}

/**
 * The real bot, its page, and a browser, for all tests of a file.
 *
 * @param env the bot's environment; null for a place without the bot
 */
export function stage(env: Record<string, string> | null = {}): Stage {
  let sandbox: Sandbox | undefined;
  let bot: Bot | undefined;
  let page: WebPage | undefined;
  let browser: Browser | undefined;
  let shared: Page | undefined;
  const contexts: BrowserContext[] = [];
  /** What the console of any page said that it should not have. */
  const complaints: string[] = [];

  beforeAll(async () => {
    const started = await startSandbox();
    sandbox = started;
    const restartBot = async () => {
      await bot?.stop();
      if (env) bot = await startBot(env, { sandbox: started });
    };
    await restartBot();
    page = await startPage({ sandbox, restartBot, port: await freePort() });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await page?.stop();
    await bot?.stop();
    await sandbox?.stop();
  });

  async function open({ tour = false, ...options }: BrowserContextOptions & { readonly tour?: boolean } = {}) {
    if (!browser || !page) throw new Error('not started yet');
    const { url } = page;
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
    context.setDefaultTimeout(8_000);
    if (!tour) await context.addInitScript("localStorage.setItem('harbormaster.tour', 'done')");
    const opened = await context.newPage();
    opened.on('pageerror', (error) => complaints.push(String(error)));
    opened.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    opened.on('request', (request) => {
      const asked = request.url();
      if (!asked.startsWith('data:') && new URL(asked).host !== new URL(url).host) complaints.push(`asked ${asked}`);
    });
    await opened.goto(url);
    await opened.getByRole('heading', { name: '# ops' }).waitFor();
    return opened;
  }

  return {
    open: async (options) => {
      const opened = await open(options);
      contexts.push(opened.context());
      return opened;
    },
    page: async () => {
      shared ??= await open();
      return shared;
    },
    get sandbox() {
      if (!sandbox) throw new Error('not started yet');
      return sandbox;
    },
    get url() {
      return page?.url ?? '';
    },
  };
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Types a command line as somebody at a keyboard would, and sends it. */
export async function type(page: Page, line: string): Promise<void> {
  const box = page.getByRole('combobox', { name: /^Message/ });
  await box.focus();
  await page.keyboard.type(line);
  // A name alone is chosen first.
  if (/^\/[a-z ]+$/.test(line)) await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
}

/** The newest message. */
export const latest = (page: Page) => page.getByRole('article').last();

/** What axe finds that is serious or critical, as `rule: where`. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { readFileSync } = await import('node:fs');
  // By the protocol, so that the page's own policy need not allow it.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const results: AxeResults = await page.evaluate('axe.run()');
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
}
