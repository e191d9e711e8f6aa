import { expect, test } from 'vitest';
import { describeInBrowser, seriousViolations, stage, type } from './support.ts';

/** The smallest PNG: one transparent pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describeInBrowser('the page, with people, files and trouble', () => {
  const here = stage();

  /** Says something as the bot, with a file. */
  async function post(payload: object, file?: { name: string; type: string; data: Buffer }): Promise<void> {
    const channel = here.sandbox.world.guilds[0]?.channels[0]?.id ?? '';
    const body = new FormData();
    body.set('payload_json', JSON.stringify(payload));
    if (file) body.set('files[0]', new Blob([new Uint8Array(file.data)], { type: file.type }), file.name);
    const response = await fetch(`${here.sandbox.apiUrl}/v10/channels/${channel}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${here.sandbox.token}` },
      body,
    });
    expect(response.status).toBe(200);
  }

  test('two people at once: each sees what is for them, and what is shared as it comes', async () => {
    await here.sandbox.slash('/targets add target:127.0.0.1', { as: 'admin' });
    const [ada, mel] = [await here.page(), await here.open()];
    const who = mel.getByLabel('You act as');
    await who.selectOption({ label: 'Mel (member)' });
    await type(ada, `/scan host:127.0.0.1 ports:${new URL(here.url).port}`);
    const mine = ada.getByRole('article').filter({ hasText: '1 open port' });
    await mine.getByRole('button', { name: 'Share' }).waitFor();
    expect(await mel.getByRole('article').count()).toBe(0);
    await mine.getByRole('button', { name: 'Share' }).click();
    await mel.getByRole('article').filter({ hasText: '1 open port' }).waitFor();

    await mel.getByRole('combobox', { name: /^Message/ }).focus();
    await mel.keyboard.type('/');
    await mel.getByRole('option', { name: /\/scan/ }).waitFor();
    expect(await mel.getByRole('option', { name: /\/settings/ }).count()).toBe(0);
    await mel.keyboard.press('Escape');

    await who.selectOption({ label: 'Otto (outsider)' });
    await mel.getByRole('heading', { name: 'Second Harbor' }).waitFor();
    expect(await mel.getByRole('article').count()).toBe(0);
  });

  test('a picture is shown and opens, a file is kept from running', async () => {
    const picture = { embeds: [{ title: 'With a picture', image: { url: 'attachment://line.png' } }] };
    await post(picture, { name: 'line.png', type: 'image/png', data: PIXEL });
    const html = Buffer.from('<script>1</script>');
    await post({ content: 'a page' }, { name: 'page.html', type: 'text/html', data: html });
    const page = await here.page();
    const message = page.getByRole('article').filter({ hasText: 'With a picture' });
    await message.getByRole('img', { name: 'line.png' }).scrollIntoViewIfNeeded();
    await expect.poll(() => page.evaluate("document.querySelector('a.picture img').naturalWidth")).toBe(1);
    const path = await message.getByRole('link', { name: 'line.png' }).getAttribute('href');
    const opened = await page.request.get(new URL(path ?? '', here.url).href);
    expect(opened.headers()).toMatchObject({ 'content-type': 'image/png', 'content-disposition': 'inline' });
    const link = page.getByRole('link', { name: 'page.html' });
    const saved = await page.request.get(new URL((await link.getAttribute('href')) ?? '', here.url).href);
    expect(saved.headers()['content-disposition']).toMatch(/^attachment/);
    expect(saved.headers()['content-security-policy']).toContain('sandbox');
  });

  test('what the bot says is text, whatever is in it', async () => {
    const evil = '<img src=x onerror=alert(1)> **bold** `<b>` [x](javascript:alert(1)) ||hidden||';
    await post({ content: evil, embeds: [{ title: evil, description: evil, fields: [{ name: evil, value: evil }] }] });
    const page = await here.page();
    const message = page.getByRole('article').filter({ hasText: 'onerror' }).last();
    await message.waitFor();
    expect(await message.locator('img[src="x"], a[href^="javascript"]').count()).toBe(0);
    expect(await message.locator('strong').first().innerText()).toBe('bold');
  });

  test('dark and light, wide and narrow: nothing serious for axe, nothing sticks out', async () => {
    const page = await here.open({ tour: true });
    await type(page, '/explain port:22');
    await page
      .getByText(/^Port 22/)
      .first()
      .waitFor();
    await page.getByRole('combobox', { name: /^Message/ }).focus();
    await page.keyboard.type('/targets add ');
    await page.getByRole('combobox', { name: 'target', exact: true }).waitFor();
    await page.getByRole('button', { name: 'On the wire' }).click();
    for (const [colorScheme, width] of [
      ['dark', 1200],
      ['light', 1200],
      ['light', 360],
      ['dark', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 740 });
      expect(await seriousViolations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    await page.getByRole('button', { name: 'Close the panel' }).click();
    expect(await seriousViolations(page)).toEqual([]);

    // On a phone the servers are behind a button.
    expect(await page.getByLabel('You act as').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Servers and channels' }).click();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('button', { name: '# general' }).click();
    await page.getByRole('heading', { name: '# general' }).waitFor();
    await expect.poll(() => page.getByLabel('You act as').isVisible()).toBe(false);
  });

  test('what goes over the wire is shown, what is refused stands out, and the bot comes through', async () => {
    const page = await here.page();
    await page.getByRole('button', { name: 'On the wire' }).click();
    const wire = page.getByRole('region', { name: 'Requests and gateway events' });
    await page.getByRole('button', { name: '429' }).click();
    await page.getByText('try again in 2 s').waitFor();
    await type(page, '/explain port:6379');
    await wire.getByText('INTERACTION_CREATE').last().waitFor();
    await wire
      .locator('.refused')
      .filter({ hasText: '429' })
      .first()
      .getByText(/refused/)
      .waitFor();
    await page.getByRole('button', { name: 'Drop the socket' }).click();
    await page.getByText('A gateway connection ended').waitFor();
    await page.getByText('The bot is online').waitFor();
    await page.getByRole('button', { name: 'Close the panel' }).click();
  });

  test('a bot that does not answer in three seconds has not answered', async () => {
    const page = await here.page();
    here.sandbox.fault('POST /interactions/*', { drop: true, times: 20 });
    await type(page, '/explain port:22');
    await page.getByText('The application did not respond').waitFor();
    await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  });
});
