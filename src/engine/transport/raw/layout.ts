/**
 * What raw sockets need beyond the ffi transport's layout, for the same systems: from the kernel's uapi headers
 * (asm-generic/socket.h, linux/filter.h, linux/in.h) and socket(7), raw(7), recvmmsg(2). Offsets and sizes in bytes.
 */
export const IPPROTO_TCP = 6;
/** A socket of this protocol sends packets with the IP header in them, and receives none. */
export const IPPROTO_RAW = 255;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
export const RAW = 3 | SOCK_NONBLOCK | SOCK_CLOEXEC;

export const SO_ATTACH_FILTER = 26;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
/** Also the type of the control message: a timespec of two 64-bit numbers, nanoseconds of CLOCK_REALTIME. */
export const SO_TIMESTAMPNS = 35;
export const CLOCK_REALTIME = 0;

/** struct mmsghdr (recvmmsg(2)): a msghdr and what became of it. */
export const MMSGHDR = {
  name: 0,
  nameLength: 8,
  vector: 16,
  vectorLength: 24,
  control: 32,
  controlLength: 40,
} as const;
export const MMSGHDR_RESULT = 56;
export const MMSGHDR_SIZE = 64;
/** struct iovec (readv(2)). */
export const IOVEC = { base: 0, length: 8, size: 16 } as const;

/** A TCP header (RFC 9293 §3.1) and its flags. */
export const TCP = {
  source: 0,
  destination: 2,
  sequence: 4,
  acknowledgment: 8,
  flags: 13,
  checksum: 16,
  size: 20,
} as const;
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const ACK = 0x10;
