import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Libc, loadLibc } from '../../../src/engine/transport/ffi/libc.ts';
import { createPoller } from '../../../src/engine/transport/ffi/poller.ts';
import { createSockets } from '../../../src/engine/transport/ffi/sockets.ts';
import { createSpares } from '../../../src/engine/transport/ffi/spares.ts';
import { createTransport } from '../../../src/engine/transport/ffi/transport.ts';
import { OWN_HOST, refusingPort } from '../loopback.ts';
import { createHarness, type Harness, listenOn, type Peer, resetOn, standStill } from './harness.ts';

let libc: Libc;
let peer: Peer;
beforeAll(async () => {
  libc = await loadLibc();
  peer = await listenOn(OWN_HOST);
});
afterAll(() => peer.close());

/** The transport on a system that really does all calls, but whose word on some failed connects another call writes over. */
function harnessWhere(lost: (failure: number) => boolean, left: string): Harness {
  let failures = 0;
  let last = 0;
  const forgetful: Libc = {
    ...libc,
    connect(...call) {
      last = libc.connect(...call);
      if (last < 0) failures += 1;
      return last;
    },
    errorName: () => (last < 0 && lost(failures) ? left : libc.errorName()),
  };
  const poller = createPoller(forgetful);
  const sockets = createSockets(forgetful);
  const spares = createSpares(sockets, (fd) => poller.listen(fd, undefined));
  const shared = { sockets, poller, spares, queuesTcpErrors: true };
  const harness = createHarness((report, now) => createTransport(shared, 100, report, now));
  onTestFinished(() => {
    harness.destroy();
    poller.close();
    expect(harness.faults).toEqual([]);
  });
  return harness;
}

const LEFT = ['ENOENT', 'EAGAIN', 'EINTR', 'ENOMEM', 'ETIMEDOUT', 'EINVAL', 'OK'];
const LOSSES = LEFT.flatMap((left) => [1, 2, 3].map((failure) => ({ left, failure })));

describe('an error number that is lost', () => {
  it.each(LOSSES)('of failure $failure, with $left in its place: the outcomes are true', async ({ left, failure }) => {
    const refusing = harnessWhere((count) => count === failure, left);
    const port = await refusingPort();
    for (let times = 0; times < 3; times += 1) {
      expect(await refusing.outcomes(refusing.open({ address: OWN_HOST, port }))).toEqual(['conn-refused']);
    }

    const accepting = harnessWhere((count) => count === failure, left);
    for (let times = 0; times < 3; times += 1) {
      const attempt = accepting.open({ address: OWN_HOST, port: peer.port });
      expect(await accepting.outcomes(attempt)).toEqual(['syn-ack']);
      (await peer.accepted()).resetAndDestroy();
      expect(await accepting.outcomes(attempt, 2)).toEqual(['syn-ack', 'reset']);
    }
  });

  it('of a connection that is made and reset before we look: it is made again', async () => {
    const resetter = await resetOn(OWN_HOST);
    onTestFinished(async () => void (await resetter.close()));
    const harness = harnessWhere((count) => count === 2, 'EAGAIN');
    const attempt = harness.open({ address: OWN_HOST, port: resetter.port });
    standStill(50);
    expect(await harness.outcomes(attempt, 2)).toEqual(['syn-ack', 'reset']);
  });

  it('every time: it is what the system says', async () => {
    const harness = harnessWhere(() => true, 'EAGAIN');
    const outcomes = await harness.outcomes(harness.open({ address: OWN_HOST, port: await refusingPort() }));
    expect(outcomes).toEqual(['no-buffer']);
  });
});
