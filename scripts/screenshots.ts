import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';
import { startPage } from '../src/sandbox/page.ts';
import { startSandbox } from '../src/sandbox/sandbox.ts';

/**
 * The pictures of README and docs, taken from the page as it is: the real bot, the tour's own commands.
 * `node scripts/screenshots.ts`; needs Chromium (CHROMIUM names another than Debian's) and a font with emoji.
 */
const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

async function type(page: Page, line: string): Promise<void> {
  await page.getByRole('combobox', { name: /^Message/ }).focus();
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  process.stdout.write(`docs/images/${name}.png\n`);
}

async function takeAll(page: Page): Promise<void> {
  const network = '127.0.1.0/24';
  await page.getByText('1 of 6').waitFor();
  await page.getByRole('combobox', { name: /^Message/ }).focus();
  await page.keyboard.type('/targets');
  await page.getByRole('option', { name: /targets add/ }).waitFor();
  await shoot(page, 'sandbox-commands');
  await page.getByRole('combobox', { name: /^Message/ }).fill('');
  await page.getByRole('button', { name: 'End the tour' }).click();
  await type(page, `/targets add target:${network} note:demo machines`);
  await page.getByText(/^Added/).waitFor();
  await type(page, '/scan host:127.0.1.3 ports:22,6379,5173,8443');
  await page.getByText('Redis answers without a password').waitFor();
  const result = page.locator('.embed-title').filter({ hasText: '3 open ports' });
  await page.waitForTimeout(500);
  await result.evaluate('(title) => title.scrollIntoView()').catch(() => {});
  await shoot(page, 'sandbox-scan');
  await page.setViewportSize({ width: 360, height: 740 });
  await shoot(page, 'sandbox-phone');
}

const sandbox = await startSandbox();
const loaded = loadConfig({
  DISCORD_TOKEN: sandbox.token,
  DISCORD_API_URL: sandbox.apiUrl,
  DATABASE_URL: 'memory://',
  SCAN_PRIVATE_RANGES: '127.0.0.0/8',
  LOG_LEVEL: 'silent',
});
if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
const app = createApp(loaded.config);
await app.start();
const web = await startPage({ sandbox, restartBot: async () => {} });
const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
try {
  await mkdir(FOLDER, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1100, height: 720 }, colorScheme: 'dark' });
  await page.goto(web.url);
  await takeAll(page);
} finally {
  await browser.close();
  await web.stop();
  await app.stop();
  await sandbox.stop();
}
