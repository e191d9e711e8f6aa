import koffi from 'koffi';

/** The C library's calls that Node does not offer, as the relay and the listeners need them. Linux, 64 bit. */
export interface Syscalls {
  open(path: string, flags: number): number;
  close(fd: number): number;
  /** Addresses are plain numbers: user space lies below 2^47. */
  read(fd: number, address: number, length: number): number;
  write(fd: number, address: number, length: number): number;
  ioctl(fd: number, request: number, address: number): number;
  ppoll(fds: number, count: number, timeout: number): number;
  setns(fd: number, type: number): number;
  prctl(option: number, value: number): number;
  sched_setscheduler(pid: number, policy: number, parameters: number): number;
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: number, length: number): number;
  bind(fd: number, address: number, length: number): number;
  listen(fd: number, backlog: number): number;
  errno(): number;
}

/** Loads them. Throws where koffi has no build for the machine. */
export function loadSyscalls(): Syscalls {
  const c = koffi.load('libc.so.6');
  const ppoll = c.func('int ppoll(uintptr_t fds, unsigned long count, uintptr_t timeout, uintptr_t mask)');
  const prctl = c.func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  return {
    open: c.func('int open(const char *path, int flags)'),
    close: c.func('int close(int fd)'),
    read: c.func('intptr_t read(int fd, uintptr_t address, size_t length)'),
    write: c.func('intptr_t write(int fd, uintptr_t address, size_t length)'),
    ioctl: c.func('int ioctl(int fd, unsigned long request, uintptr_t address)'),
    ppoll: (fds, count, timeout) => ppoll(fds, count, timeout, 0),
    setns: c.func('int setns(int fd, int type)'),
    prctl: (option, value) => prctl(option, value, 0, 0, 0),
    sched_setscheduler: c.func('int sched_setscheduler(int pid, int policy, uintptr_t parameters)'),
    socket: c.func('int socket(int domain, int type, int protocol)'),
    setsockopt: c.func('int setsockopt(int fd, int level, int name, uintptr_t value, uint32_t length)'),
    bind: c.func('int bind(int fd, uintptr_t address, uint32_t length)'),
    listen: c.func('int listen(int fd, int backlog)'),
    errno: () => koffi.errno(),
  };
}

/** Where the bytes lie in memory. Only for buffers that own their memory and stay referenced while it is used. */
export function addressOf(bytes: Uint8Array): number {
  return Number(koffi.address(bytes));
}
