import { expect, test } from 'vitest';
import { describeInBrowser, latest, stage, type } from './support.ts';

describeInBrowser('the page of the local Discord', () => {
  const here = stage();

  test('the tour leads from a question over a target to scans that show every state and several findings', async () => {
    const page = await here.open({ tour: true });
    const tour = page.getByRole('region', { name: 'Tour' });
    await here.sandbox.slash('/targets add target:127.0.0.1', { as: 'admin' });
    const answers = [/^Port 22/, /Added: 127/, /127\.0\.0\.1/, /127\.0\.\d\.2/, /127\.0\.\d\.3/, /127\.0\.\d\.4/];
    for (const [index, title] of answers.entries()) {
      await tour.getByText(`${index + 1} of 6`).waitFor();
      await page.getByRole('button', { name: 'Put it in the box' }).click();
      await page.getByRole('combobox', { name: 'More options' }).press('Enter');
      await page.locator('.embed-title').filter({ hasText: title }).last().waitFor();
    }
    await tour.getByText('That was the tour').waitFor();
    await page.getByText(/^Filtered: \d/).waitFor();
    const said = await page.getByRole('log').innerText();
    expect(said).toMatch(/Redis answers without a password/);
    expect(said).toMatch(/Development server reachable: Vite/);
    expect(said).toMatch(/6379\/tcp[^\n]*open|open[^\n]*\(syn-ack\)/);
    expect(said).toMatch(/Closed: 1/);

    await page.reload();
    await page.getByRole('heading', { name: '# ops' }).waitFor();
    expect(await tour.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Tour' }).click();
    await tour.getByText('1 of 6').waitFor();
  });

  test('commands and their options are chosen with keys alone, values come from the bot while typing', async () => {
    const page = await here.page();
    await page.getByRole('combobox', { name: /^Message/ }).focus();
    await page.keyboard.type('/exp');
    await page.getByRole('option', { name: /\/explain/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: /^port/ }).waitFor();
    await page.keyboard.type('po');
    await page.keyboard.press('Enter');
    await page.keyboard.type('redi');
    await page.getByRole('option', { name: /6379/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    const port = page.getByRole('combobox', { name: 'port', exact: true });
    const active = page.locator(`#${await port.getAttribute('aria-activedescendant')}`);
    expect(await active.getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await latest(page).getByText(/Redis/).first().waitFor();
    expect(await latest(page).innerText()).toMatch(/Only you can see this/);
  });

  test('the bot is not asked for every key', async () => {
    const page = await here.page();
    const asked = () =>
      here.sandbox.requests.filter(({ body }) => (body as { type?: number } | null)?.type === 8).length;
    await page.getByRole('combobox', { name: /^Message/ }).focus();
    await page.keyboard.type('/explain port:');
    await page.getByRole('option', { name: /SSH/ }).first().waitFor();
    const before = asked();
    await page.keyboard.type('postgres');
    await page.getByRole('option', { name: /5432/ }).waitFor();
    expect(asked() - before).toBeLessThanOrEqual(2);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  test('a whole line may be typed or pasted', async () => {
    const page = await here.page();
    await page.getByRole('combobox', { name: /^Message/ }).fill('/scan host:127.0.0.1 ports:22, 80 share:');
    expect(await page.getByRole('combobox', { name: 'host', exact: true }).inputValue()).toBe('127.0.0.1');
    expect(await page.getByRole('combobox', { name: 'ports', exact: true }).inputValue()).toBe('22, 80');
    await page.getByRole('option', { name: 'True' }).click();
    expect(await page.getByRole('combobox', { name: 'share', exact: true }).inputValue()).toBe('True');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('combobox', { name: /^Message/ }).inputValue()).toBe('');
  });

  test('what Discord would not send stays in the box, with the reason at the option', async () => {
    const page = await here.page();
    await type(page, '/scan ports:22');
    await page.getByText('This option is required').waitFor();
    const host = page.getByRole('combobox', { name: 'host', exact: true });
    expect(await host.getAttribute('aria-invalid')).toBe('true');
    await host.fill('a'.repeat(301));
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('must have at most 300 characters').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await type(page, 'hello');
    await page.getByRole('alert').filter({ hasText: 'start with a slash' }).waitFor();
    await type(page, '\b\b\b\b\b/nope');
    await page.getByRole('combobox', { name: /^Message/ }).fill('');
  });

  test('a button and a menu answer, a message is dismissed', async () => {
    const page = await here.page();
    await here.sandbox.slash('/targets add target:127.0.0.1', { as: 'admin' });
    await type(page, `/scan host:127.0.0.1 ports:${new URL(here.url).port}`);
    const result = page.getByRole('article').filter({ hasText: '1 open port on 127.0.0.1' }).last();
    await result.getByRole('button', { name: 'Share' }).waitFor();
    const before = await page.getByRole('article').count();
    await result.getByRole('combobox', { name: /Explain/ }).focus();
    await page.keyboard.press('ArrowDown');
    await result.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('article').count()).toBe(before + 1);
    await result.getByRole('button', { name: 'Export' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('article').count()).toBe(before + 2);
    await latest(page).getByRole('button', { name: 'Dismiss message' }).click();
    await expect.poll(() => page.getByRole('article').count()).toBe(before + 1);
  });
});
