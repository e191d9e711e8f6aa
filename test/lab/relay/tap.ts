import { constants } from 'node:fs';
import { endianness } from 'node:os';
import { addressOf, type Syscalls } from './syscalls.ts';

// linux/if_tun.h, linux/if.h, linux/sched.h
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFNAMSIZ = 16;
const IFREQ_BYTES = 40;
const CLONE_NEWNET = 0x40000000;

function enter(calls: Syscalls, namespace: string): void {
  const fd = calls.open(namespace, constants.O_RDONLY);
  if (fd < 0) throw new Error(`cannot open ${namespace}: errno ${calls.errno()}`);
  const failed = calls.setns(fd, CLONE_NEWNET) !== 0;
  calls.close(fd);
  if (failed) throw new Error(`cannot enter ${namespace}: errno ${calls.errno()}`);
}

/**
 * Makes a TAP device in a network namespace (a path such as /run/netns/x) and returns its descriptor, non-blocking.
 * The calling thread stays in that namespace. The device goes away with the descriptor.
 */
export function openTap(calls: Syscalls, namespace: string, device: string): number {
  enter(calls, namespace);
  const fd = calls.open('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  if (fd < 0) throw new Error(`cannot open /dev/net/tun: errno ${calls.errno()}`);
  const request = new Uint8Array(new ArrayBuffer(IFREQ_BYTES));
  request.set(Buffer.from(device, 'latin1').subarray(0, IFNAMSIZ - 1));
  new DataView(request.buffer).setInt16(IFNAMSIZ, IFF_TAP | IFF_NO_PI, endianness() === 'LE');
  if (calls.ioctl(fd, TUNSETIFF, addressOf(request)) < 0) {
    throw new Error(`cannot make ${device}: errno ${calls.errno()}`);
  }
  return fd;
}
