import { describe, expect, test } from 'vitest';
import { type Asker, judgeAsker, judgeScannerRole, MAX_SCANNER_ROLES } from '../../src/policy/mayScan.ts';

const GUILD = '100';
const asker = (more: Partial<Asker> = {}): Asker => ({
  guildId: GUILD,
  roleIds: [],
  isManager: false,
  isBot: false,
  ...more,
});

describe('who may scan', () => {
  test.each<[string, Asker, string[], string]>([
    ['anybody, when no role is named', asker(), [], 'yes'],
    ['nobody without a role, when one is named', asker(), ['7'], 'no-scanner-role'],
    ['a member with the role', asker({ roleIds: ['5', '7'] }), ['7'], 'yes'],
    ['a member with one of several', asker({ roleIds: ['7'] }), ['6', '7'], 'yes'],
    ['a member with another role', asker({ roleIds: ['5'] }), ['7'], 'no-scanner-role'],
    ['a role whose id only begins alike', asker({ roleIds: ['77'] }), ['7'], 'no-scanner-role'],
    ['Manage Server without the role', asker({ isManager: true }), ['7'], 'yes'],
    ['@everyone on the list lets nobody in', asker({ roleIds: [GUILD] }), [GUILD], 'no-scanner-role'],
    ['a bot, when no role is named', asker({ isBot: true }), [], 'not-a-person'],
    ['a bot with the role', asker({ isBot: true, roleIds: ['7'] }), ['7'], 'not-a-person'],
    ['a bot with Manage Server', asker({ isBot: true, isManager: true }), [], 'not-a-person'],
  ])('%s', (_what, who, roles, expected) => {
    expect(judgeAsker(who, roles)?.code ?? 'yes').toBe(expected);
  });

  test('a refusal says who can change it', () => {
    expect(judgeAsker(asker(), ['7'])?.remedy.text).toMatch(/Manage Server.*\/settings scanner-role/);
  });
});

describe('which roles can be scanner roles', () => {
  const many = Array.from({ length: MAX_SCANNER_ROLES }, (_, index) => String(index + 1));
  test.each<[string, string, string[], string | undefined]>([
    ['a role', '7', [], undefined],
    ['@everyone', GUILD, [], 'everyone'],
    ['one that is there', '7', ['7'], 'already'],
    ['one too many', '77', many, 'too-many'],
    ['the last one that fits', '77', many.slice(1), undefined],
  ])('%s', (_what, role, roles, problem) => {
    expect(judgeScannerRole(GUILD, role, roles)).toBe(problem);
  });
});
