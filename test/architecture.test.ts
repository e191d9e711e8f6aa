import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCommands } from '../commands/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCES = ['src', 'commands'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);
const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const importsOf = (file: string) =>
  [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) =>
    name.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), name)) : name,
  );
const inFolder = (folder: string) => SOURCES.filter((file) => file.startsWith(`${folder}/`));
const offenders = (files: readonly string[], wrong: (imported: string, file: string) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((name) => wrong(name, file))
      .map((name) => `${file} → ${name}`),
  );

describe('arrows point one way', () => {
  test.each(['engine', 'advice', 'policy', 'storage', 'scans', 'targets', 'http'])(
    'src/%s knows neither Discord nor the commands',
    (folder) => {
      const wrong = /^(?:src\/discord|src\/sandbox|commands|discord\.js$|@discordjs)/;
      expect(offenders(inFolder(`src/${folder}`), (name) => wrong.test(name))).toEqual([]);
    },
  );

  test('src/discord knows no command', () => {
    expect(offenders(inFolder('src/discord'), (name) => name.startsWith('commands/'))).toEqual([]);
  });

  test('the engine imports nothing of ours', () => {
    expect(
      offenders(inFolder('src/engine'), (name) => /^(?:src|commands)\//.test(name) && !name.startsWith('src/engine/')),
    ).toEqual([]);
  });

  test('the local Discord knows nothing of the bot; only its command line puts the two together', () => {
    const server = inFolder('src/sandbox').filter((file) => file !== 'src/sandbox/main.ts');
    expect(offenders(server, (name) => /^(?:src|commands)\//.test(name) && !name.startsWith('src/sandbox/'))).toEqual(
      [],
    );
  });

  test('commands do not import each other', () => {
    const files = inFolder('commands').filter((file) => file !== 'commands/index.ts');
    expect(offenders(files, (name) => name.startsWith('commands/'))).toEqual([]);
  });
});

describe('who may touch the outside', () => {
  /** What runs in production: everything but the local Discord. */
  const product = SOURCES.filter((file) => !file.startsWith('src/sandbox/'));
  const users = (pattern: RegExp, files = SOURCES) => files.filter((file) => pattern.test(textOf(file))).sort();

  test('sockets to targets are opened in the engine, and by the one link of the probes', () => {
    const connecting = product.filter(
      (file) =>
        /\b(?:connect|createConnection|new Socket)\b/.test(textOf(file)) && importsOf(file).includes('node:net'),
    );
    expect(connecting.filter((file) => !file.startsWith('src/engine/'))).toEqual(['src/probes/link.ts']);
  });

  test('HTTP goes out for the proof of a file and for attachments alone', () => {
    const asking = product.filter((file) => /^import .*\brequest\b.* from 'node:https?'/m.test(textOf(file)));
    expect(asking).toEqual(['src/policy/fileProof.ts']);
    expect(users(/(?<!\.)\bfetch\(/, product)).toEqual(['src/discord/download.ts']);
  });

  test('DNS is asked by the policy, and by the command line for its operator', () => {
    expect(SOURCES.filter((file) => importsOf(file).some((name) => /^node:dns/.test(name))).sort()).toEqual([
      'src/engine/cli/main.ts',
      'src/policy/resolve.ts',
    ]);
  });

  test('only these clear an address for scanning', () => {
    expect(users(/(?:as|is) ScannableAddress/)).toEqual([
      'src/engine/cli/main.ts',
      // 127.0.0.1 alone, for its self-test.
      'src/engine/transport/ffi/ffi.ts',
      'src/policy/resolve.ts',
    ]);
  });

  test('the environment is read at the entry point alone, and parsed in config.ts', () => {
    expect(users(/process\.env/, product)).toEqual(['src/main.ts']);
  });

  test('no child processes', () => {
    expect(offenders(product, (name) => name === 'node:child_process')).toEqual([]);
  });

  test('the process is ended by entry points alone', () => {
    expect(users(/process\.exit\(/, product)).toEqual(['src/main.ts']);
  });
});

describe('size and names', () => {
  test('every command is a file of its own name', () => {
    const names = createCommands({} as Parameters<typeof createCommands>[0]).map(({ data }) => data.name);
    const files = readdirSync(join(ROOT, 'commands')).map((file) => file.replace('.ts', ''));
    expect([...names, 'index'].sort()).toEqual(files.sort());
  });

  test('files stay readable in one sitting', () => {
    // Data, and what a script writes.
    const written = SOURCES.filter((file) => !file.includes('/catalogue/') && file !== 'src/i18n/messages.ts');
    const long = written.filter((file) => textOf(file).split('\n').length > 260);
    expect(long).toEqual([]);
  });
});
