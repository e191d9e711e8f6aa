import { expect, test } from 'vitest';
import { describeInBrowser, latest, stage, type } from './support.ts';

describeInBrowser('the page, while a bot is slow and gone', () => {
  const here = stage({ SCAN_PACKETS_PER_SECOND: '1' });

  test('a running scan shows how far it is, and is cancelled', async () => {
    await here.sandbox.slash('/targets add target:127.0.0.1', { as: 'admin' });
    const page = await here.page();
    await type(page, '/scan host:127.0.0.1 ports:1-9');
    await latest(page)
      .getByText(/\d of 9 ports/)
      .waitFor();
    await latest(page).getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(/Cancelled: \d ports have no verdict/).waitFor();
  });

  test('results of two scans are a picture, with words for who does not see it', async () => {
    const page = await here.page();
    for (const time of [0, 1]) {
      await type(page, `/scan host:127.0.0.1 ports:${new URL(here.url).port}`);
      await page.locator('.embed-title').filter({ hasText: '1 open port' }).nth(time).waitFor();
    }
    await type(page, '/history host:127.0.0.1');
    const picture = latest(page)
      .getByRole('img', { name: /127\.0\.0\.1/ })
      .last();
    await picture.scrollIntoViewIfNeeded();
    await expect
      .poll(() => page.evaluate("[...document.querySelectorAll('a.picture img')].at(-1)?.naturalWidth"))
      .toBeGreaterThan(300);
    const [opened] = await Promise.all([page.context().waitForEvent('page'), picture.click()]);
    await opened.waitForLoadState();
    expect(new URL(opened.url()).pathname).toMatch(/^\/attachments\/.*\.png$/);
    await opened.close();
  });

  test('the bot is restarted while the page is open', async () => {
    const page = await here.page();
    await page.getByRole('button', { name: 'On the wire' }).click();
    await page.getByRole('button', { name: 'Restart the bot' }).click();
    await page.getByText('The bot was stopped and started again.').waitFor();
    await page.getByText('The bot is online').waitFor();
    await page.getByRole('button', { name: 'Close the panel' }).click();
    await type(page, '/help');
    await latest(page)
      .getByText(/\/scan/)
      .first()
      .waitFor();
  });
});
