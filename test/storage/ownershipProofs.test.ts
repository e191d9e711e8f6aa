import { expect, test } from 'vitest';
import { newClaim, withProof } from '../../src/policy/ownership.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createOwnershipProofs } from '../../src/storage/ownershipProofs.ts';

const NOW = Date.parse('2027-01-01T00:00:00Z');
const claimOf = (canonical: string) => newClaim({ kind: 'name', canonical }, NOW);

async function open() {
  const store = (await openDatabase('memory://')).store('ownership');
  return { store, proofs: createOwnershipProofs(store) };
}

test('keeps claims and proofs of each server apart', async () => {
  const { proofs } = await open();
  const own = withProof(claimOf('example.com'), 'dns', NOW);
  await proofs.update('1', () => ({ claims: [own], result: undefined }));
  await proofs.update('10', () => ({ claims: [claimOf('example.net')], result: undefined }));
  expect(await proofs.read('1')).toEqual([own]);
  expect(await proofs.exportGuild('1')).toEqual({ claims: [own] });
  await proofs.deleteGuild('1');
  expect(await proofs.read('1')).toEqual([]);
  expect(await proofs.exportGuild('1')).toEqual({ claims: [] });
  expect(await proofs.read('10')).toHaveLength(1);
});

test('changes at the same time all stay', async () => {
  const { proofs } = await open();
  const add = (canonical: string) =>
    proofs.update('1', (claims) => ({ claims: [...claims, claimOf(canonical)], result: undefined }));
  await Promise.all(['a.example', 'b.example', 'c.example', 'd.example', 'e.example'].map(add));
  expect(await proofs.read('1')).toHaveLength(5);
});

test('a change that throws or changes nothing writes nothing', async () => {
  const { store, proofs } = await open();
  await expect(
    proofs.update('1', () => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await proofs.update('1', (claims) => ({ claims, result: undefined }));
  expect(await store.get('1')).toBeUndefined();
});

test('what cannot be understood is an error, never "nothing proven yet" that is then written over', async () => {
  const { store, proofs } = await open();
  for (const broken of [
    { v: 2, claims: [] },
    { v: 1, claims: [{ ...claimOf('example.com'), token: 'short' }] },
    'text',
  ]) {
    await store.set('1', broken);
    await expect(proofs.read('1')).rejects.toThrow();
    await expect(proofs.update('1', () => ({ claims: [], result: undefined }))).rejects.toThrow();
    expect(await store.get('1')).toEqual(broken);
  }
});
