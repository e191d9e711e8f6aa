/**
 * Linux's numbers and structure layouts for x86-64 and arm64, both little-endian with 64-bit pointers, and equal in
 * glibc and musl. From the kernel's uapi headers (asm-generic/socket.h, linux/in.h, in6.h, errqueue.h, eventpoll.h)
 * and socket(2), epoll_ctl(2), recvmsg(2), ip(7), ipv6(7). Offsets and sizes are in bytes.
 */
export const AF_INET = 2;
export const AF_INET6 = 10;

const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const STREAM = 1 | SOCK_NONBLOCK | SOCK_CLOEXEC;
export const DATAGRAM = 2 | SOCK_NONBLOCK | SOCK_CLOEXEC;

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SO_LINGER = 13;
export const SOL_IP = 0;
export const IP_RECVERR = 11;
export const SOL_IPV6 = 41;
export const IPV6_RECVERR = 25;
export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;

export const EPOLL_CTL_ADD = 1;
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
/** An event is told once, when it happens: a connection that stays writable, or was hung up on, wakes nobody again. */
export const EPOLLET = 0x80000000;

/** struct epoll_event is packed on x86-64 and nowhere else. */
export const EPOLL_EVENT = process.arch === 'x64' ? { size: 12, events: 0, data: 4 } : { size: 16, events: 0, data: 8 };

/** struct pollfd (poll(2)), whose bits are those of epoll. */
export const POLLFD = { fd: 0, events: 4, size: 8 } as const;

/** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)); the port is in network byte order. */
export const SOCKADDR = { family: 0, port: 2, size: 28 } as const;
export const SOCKADDR_IN = { address: 4, size: 16 } as const;
export const SOCKADDR_IN6 = { address: 8, scope: 24, size: 28 } as const;

/** struct msghdr (recvmsg(2)). */
export const MSGHDR = { control: 32, controlLength: 40, size: 56 } as const;
/** struct cmsghdr (cmsg(3)). */
export const CMSGHDR = { level: 8, type: 12, data: 16 } as const;
/** struct sock_extended_err (ip(7)), the offender's sockaddr after it. */
export const EXTENDED_ERROR = { errno: 0, origin: 4, type: 5, code: 6, offender: 16 } as const;
export const ORIGIN_LOCAL = 1;
export const ORIGIN_ICMP = 2;
export const ORIGIN_ICMP6 = 3;
