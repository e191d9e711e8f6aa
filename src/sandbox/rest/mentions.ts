import { type APIMessage, ComponentType } from 'discord.js';
import { userObject } from '../entities.ts';
import { asArray, isJson, type Json } from '../json.ts';
import type { State } from '../state.ts';
import { findUser } from '../world.ts';

type Mentions = Pick<APIMessage, 'mentions' | 'mention_roles' | 'mention_everyone'>;

/** Text that pings: the content and the text displays. Embeds never do. */
function pingingText(content: string, components: unknown): string {
  const displays = (value: unknown): string[] =>
    asArray(value)
      .filter(isJson)
      .flatMap((item) => [
        ...(item.type === ComponentType.TextDisplay ? [String(item.content)] : []),
        ...displays(item.components),
      ]);
  return [content, ...displays(components)].join('\n');
}

function idsIn(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
}

/** Who is pinged ("Allowed Mentions Object"): everybody named in the text, unless `allowed` says otherwise. */
export function mentionsOf(state: State, content: string, components: unknown, allowed: Json | undefined): Mentions {
  const text = pingingText(content, components);
  const may = (kind: 'users' | 'roles', id: string): boolean =>
    !allowed || asArray(allowed.parse).includes(kind) || asArray(allowed[kind]).includes(id);
  const users = idsIn(text, /<@!?(\d+)>/g).filter((id) => may('users', id));
  const people = users.map((id) => findUser(state.world, id)).filter((person) => person !== undefined);
  return {
    mentions: people.map(userObject),
    mention_roles: idsIn(text, /<@&(\d+)>/g).filter((id) => may('roles', id)),
    mention_everyone: /@(?:everyone|here)\b/.test(text) && (!allowed || asArray(allowed.parse).includes('everyone')),
  };
}
