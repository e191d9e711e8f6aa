import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { lookAt } from './look.ts';

/** Waits for a place (address and port as arguments) and prints what is seen there: for use inside a network namespace. */
const [, , address = '', port = ''] = process.argv;

const accepts = () =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection(Number(port), address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

for (let tries = 0; tries < 100 && !(await accepts()); tries++) await delay(50);
const { evidence, products, findings } = await lookAt({ address, port: Number(port) });
process.stdout.write(JSON.stringify({ evidence, products, findings: findings.map(({ id }) => id) }));
