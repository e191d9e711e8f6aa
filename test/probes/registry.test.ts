import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FACTS, PROBES } from '../../src/probes/registry.ts';

describe('the registry', () => {
  test('each probe has facts, and the other way round', () => {
    const withFacts = FACTS.options.map((option) => option.shape.protocol.value);
    const probed = PROBES.map(({ protocol }) => protocol);
    expect([...probed, 'banner'].sort()).toEqual([...withFacts].sort());
    expect(new Set(probed).size).toBe(probed.length);
  });

  test('plain HTTP is asked last, so that services with a probe of their own come first', () => {
    expect(PROBES.at(-1)?.protocol).toBe('http');
  });

  test('facts are strict', () => {
    expect(FACTS.options.every((option) => option instanceof z.ZodObject)).toBe(true);
    expect(FACTS.safeParse({ protocol: 'banner', tls: false, unasked: true, text: 'x', extra: 1 }).success).toBe(false);
  });
});
