import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { isSelfConnected } from '../../../src/engine/transport/net.ts';
import { listen, OWN_HOST, refusingPort } from '../loopback.ts';
import { transportContract } from './contract.ts';
import { transportContractAsRoot } from './contractAsRoot.ts';
import { factoryOf } from './factories.ts';

transportContract('net', () => factoryOf('net'));
transportContractAsRoot('net');

describe('isSelfConnected', () => {
  it('knows a socket that is joined to itself', async () => {
    const port = await refusingPort();
    const socket = connect({ host: OWN_HOST, port, localAddress: OWN_HOST, localPort: port });
    await once(socket, 'connect');
    expect(isSelfConnected(socket)).toBe(true);
    socket.destroy();
  });

  it('and one that is not', async () => {
    const listener = await listen();
    const socket = connect({ host: OWN_HOST, port: listener.port });
    await once(socket, 'connect');
    expect(isSelfConnected(socket)).toBe(false);
    socket.destroy();
    await listener.close();
  });
});
