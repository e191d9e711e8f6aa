import type { APIMessage } from 'discord.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, renderMessage, safeText, TERMINAL_STYLE } from '../../src/sandbox/text.ts';

/** Anything that a terminal may act on: C0, C1, DEL, and turning the writing direction. */
const CONTROL = /(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069]/u;

function message(more: object): APIMessage {
  const base = { content: '', embeds: [], components: [], attachments: [], flags: 0 };
  return { ...base, ...more } as unknown as APIMessage;
}

const HOSTILE = '\u001B]0;owned\u0007\u001B[31mred\u001B[2J\u009B5m\u202Etxt\r\u0000\u0085end';

describe('plainText', () => {
  it.each([
    ['**bold** and __under__ and ~~gone~~ and ||hidden||', 'bold and under and gone and hidden'],
    ['*For managers.* 2 * 3 * 4, *.a and *.b', 'For managers. 2 * 3 * 4, *.a and *.b'],
    ['`code` and ``two ` ticks``', 'code and two ` ticks'],
    ['[guide](https://example.com/a_b) now', 'guide (https://example.com/a_b) now'],
    ['[**bold** link](<https://example.com>)', 'bold link (https://example.com)'],
    ['\\*not bold\\* \\`x\\` \\[a\\](b)', '*not bold* `x` [a](b)'],
    ['```\n22  open\n80  **x**\n```\nafter', '22  open\n80  **x**\nafter'],
    ['```ansi\n22\n```', '22'],
    ['# Title\n-# small', 'Title\nsmall'],
    ['<t:1767225600:R> </scan:123456> <:ok:123456>', '2026-01-01 00:00 UTC /scan :ok:'],
    ['`a\\*b`', 'a\\*b'],
  ])('%j → %j', (markdown, expected) => {
    expect(plainText(markdown)).toBe(expected);
  });
});

describe('renderMessage', () => {
  it('reads from top to bottom', () => {
    const text = renderMessage(
      message({
        content: 'Done.',
        flags: 64,
        embeds: [
          {
            title: '**2** open',
            description: 'On `127.0.0.1`',
            fields: [{ name: 'Open', value: '22\n80' }],
            footer: { text: 'took 1 s' },
          },
        ],
        attachments: [{ filename: 'ports.txt', size: 2150 }],
        components: [
          {
            type: 1,
            components: [
              { type: 2, style: 1, label: 'Rescan', custom_id: 'a' },
              { type: 2, style: 2, label: 'Share', custom_id: 'b', disabled: true, emoji: { name: '📣' } },
              { type: 2, style: 5, label: 'Docs', url: 'https://example.com' },
            ],
          },
          {
            type: 1,
            components: [
              { type: 3, custom_id: 's', placeholder: 'Pick a port', options: [{ label: 'SSH' }, { label: 'HTTP' }] },
            ],
          },
        ],
      }),
    );
    expect(text).toBe(
      [
        '(only you can see this)',
        'Done.',
        '2 open',
        'On 127.0.0.1',
        'Open\n22\n80',
        'took 1 s',
        '[file: ports.txt, 2.1 KiB]',
        '[Rescan] [📣 Share (disabled)] [Docs: https://example.com]\n[Pick a port ▾ SSH | HTTP]',
      ].join('\n\n'),
    );
  });

  it('shows the placeholder of a deferred reply, and Components V2', () => {
    expect(renderMessage(message({ flags: 128 }))).toBe('thinking…');
    const container = {
      type: 17,
      components: [
        { type: 10, content: '**Hi**' },
        { type: 14 },
        {
          type: 9,
          components: [{ type: 10, content: 'text' }],
          accessory: { type: 2, style: 1, label: 'Go', custom_id: 'g' },
        },
      ],
    };
    expect(renderMessage(message({ components: [container] }))).toBe('Hi\n---\ntext\n[Go]');
  });

  it('lets nothing through that moves a terminal, wherever it stands', () => {
    const everywhere = message({
      content: HOSTILE,
      embeds: [
        {
          title: HOSTILE,
          description: `\`\`\`\n${HOSTILE}\n\`\`\``,
          fields: [{ name: HOSTILE, value: HOSTILE }],
          footer: { text: HOSTILE },
          author: { name: HOSTILE },
        },
      ],
      attachments: [{ filename: HOSTILE, size: 1 }],
      components: [
        { type: 1, components: [{ type: 2, style: 1, label: HOSTILE }] },
        { type: 1, components: [{ type: 3, placeholder: HOSTILE, options: [{ label: HOSTILE }] }] },
      ],
    });
    expect(renderMessage(everywhere)).not.toMatch(CONTROL);
    expect(renderMessage(everywhere)).toContain('red');
  });

  it('does so for any text', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 300 });
    const pieces = fc.array(
      fc.oneof(
        anything,
        fc.constantFrom('\u001B[', '\u009B', '\\', '`', '```', '**', '[', '](https://a)', '<t:1>', '\n'),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        expect(safeText(text)).not.toMatch(CONTROL);
        expect(renderMessage(message({ content: text, embeds: [{ description: text }] }))).not.toMatch(CONTROL);
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  it('names who is mentioned, where a name is known', () => {
    const nameOf = (id: string) => (id === '12' ? '@Ada' : undefined);
    expect(renderMessage(message({ content: 'by <@12>, not <@!13>' }), { nameOf })).toBe('by @Ada, not <@!13>');
  });

  it('uses emphasis on a terminal only', () => {
    const title = message({ embeds: [{ title: 'T' }] });
    expect(renderMessage(title)).toBe('T');
    expect(renderMessage(title, { style: TERMINAL_STYLE })).toBe('\u001B[1mT\u001B[22m');
  });
});
