import { expect } from 'vitest';
import type { RenderedMessage } from '../../src/discord/render.ts';
import type { Json } from '../../src/sandbox/json.ts';
import { createIssues } from '../../src/sandbox/validate/issues.ts';
import { checkMessage } from '../../src/sandbox/validate/message.ts';

/** The local Discord would take this message: embeds, components and files within every limit. */
export function expectAccepted({ embeds, components, files }: RenderedMessage): void {
  const issues = createIssues();
  const uploads = files.map(({ name, attachment }, index) => ({
    index,
    name,
    contentType: 'text/plain',
    data: attachment,
  }));
  const attachments = files.map(({ name, description }, id) => ({ id: String(id), filename: name, description }));
  const body = JSON.parse(JSON.stringify({ embeds, components, attachments })) as Json;
  checkMessage(issues, body, { files: uploads, message: null });
  expect(issues.tree()).toEqual({});
}
