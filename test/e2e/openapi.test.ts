import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { startBot } from './harness.ts';

/** Discord's own description of its REST API (github.com/discord/discord-api-spec, specs/openapi.json). */
const DOCUMENT =
  process.env.DISCORD_OPENAPI ??
  fileURLToPath(new URL('../../../shared/discord-openapi/openapi.json', import.meta.url));

interface OpenApi {
  readonly paths: Record<
    string,
    Record<string, { readonly requestBody?: { readonly content: Record<string, unknown> } }>
  >;
}

/** Finds the described path that a request went to: literal segments beat parameters. */
function describedPath(document: OpenApi, path: string): string | undefined {
  const segments = path.split('?')[0]?.split('/') ?? [];
  const fits = Object.keys(document.paths).filter((template) => {
    const parts = template.split('/');
    return parts.length === segments.length && parts.every((part, i) => part.startsWith('{') || part === segments[i]);
  });
  const parameters = (template: string) => template.split('{').length;
  return fits.sort((a, b) => parameters(a) - parameters(b))[0];
}

test.skipIf(!existsSync(DOCUMENT))(
  "every body that the bot sends is what Discord's OpenAPI document describes",
  async () => {
    const document: OpenApi = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
    ajv.addSchema(document, 'discord');

    const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const bot = await startBot();
    try {
      for (const line of [
        '/help',
        '/explain port:22',
        '/explain port:nope',
        '/targets list',
        '/targets add target:127.0.0.0/24',
      ]) {
        await bot.run(line);
      }
      await bot.run('/scan host:127.0.0.9 ports:1-1000');
      const scan = await bot.run(`/scan host:127.0.0.1 ports:${port},1-20 share:true`);
      const message = scan.handle.message();
      await bot.finished(await bot.sandbox.click(message?.id ?? '', 'Rescan'));
      await bot.finished(await bot.sandbox.click(message?.id ?? '', 'Share'));
      for (let i = 0; i < 80; i++) await bot.run(`/targets add target:${'n'.repeat(50)}${i}.example.com`);
      await bot.run('/targets list');
      await bot.sandbox.autocomplete('/scan host:127');
      await bot.sandbox.autocomplete('/explain port:');
    } finally {
      await bot.stop();
      server.close();
    }

    const checked = new Set<string>();
    for (const { method, path, body, route } of bot.sandbox.requests) {
      if (body === undefined || body === null) continue;
      const template = describedPath(document, path.replace(/^\/api/, '').replace(/^\/v10/, ''));
      expect(template, `${method} ${path} is described`).toBeDefined();
      const content = document.paths[template ?? '']?.[method.toLowerCase()]?.requestBody?.content ?? {};
      expect(Object.keys(content), route).toContain('application/json');
      const pointer = [
        'paths',
        template ?? '',
        method.toLowerCase(),
        'requestBody',
        'content',
        'application/json',
        'schema',
      ];
      const ref = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
      const validate = ajv.getSchema(`discord#/${ref}`);
      if (!validate) throw new Error(`no schema at ${ref}`);
      expect(
        validate(body),
        `${route}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(body).slice(0, 500)}`,
      ).toBe(true);
      checked.add(route);
    }
    expect([...checked].sort()).toEqual([
      'PATCH /webhooks/:application/:token/messages/@original',
      'POST /interactions/:interaction/:token/callback',
      'POST /webhooks/:application/:token',
      'PUT /applications/:application/commands',
    ]);
  },
);
