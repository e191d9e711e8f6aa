import { expect, test } from 'vitest';
import { createTurns } from '../../src/discord/turns.ts';

/** Keeps the thread busy, as work without a pause does. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('in the order of asking, also for those who ask while others wait', async () => {
  const turn = createTurns();
  const order: number[] = [];
  const first = [1, 2, 3].map((number) => turn().then(() => order.push(number)));
  const second = turn().then(async () => {
    order.push(4);
    await turn();
    order.push(5);
  });
  await Promise.all([...first, second]);
  await turn();
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test('the event loop goes round between two pieces', async () => {
  const turn = createTurns();
  let rounds = 0;
  let isOver = false;
  const count = () => {
    rounds += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(Array.from({ length: 20 }, () => turn().then(() => work(1))));
  isOver = true;
  expect(rounds).toBeGreaterThanOrEqual(19);
});
