/** Bytes at an address that does not change, so that the address can be handed to the system as a plain number. */
export interface Memory {
  readonly bytes: Buffer;
  /** The same bytes: a Buffer's own methods check their arguments, which costs more than a system call's way there. */
  readonly view: DataView;
  readonly address: number;
}

/** Tells when a descriptor becomes readable, through the event loop itself: no thread waits, nothing is polled. */
export interface Watch {
  /** Keeps the process alive, or no longer. */
  ref(): void;
  unref(): void;
  close(): void;
}

/**
 * The C library's calls that a scan needs, as in section 2 of the manual; pointers are addresses of {@link Memory}.
 * Each returns -1 on failure, and `errorName` says why until the next call; but V8 makes calls of its own at any time
 * (its threads wait for each other, its memory grows), and these write over what a failure left.
 */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  close(fd: number): number;
  connect(fd: number, sockaddr: number, length: number): number;
  setsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: number, length: number): number;
  getsockname(fd: number, sockaddr: number, length: number): number;
  getpeername(fd: number, sockaddr: number, length: number): number;
  send(fd: number, bytes: number, length: number, flags: number): number;
  recv(fd: number, bytes: number, length: number, flags: number): number;
  recvmsg(fd: number, header: number, flags: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: number): number;
  epollWait(epoll: number, events: number, most: number, timeoutMs: number): number;
  poll(pollfds: number, count: number, timeoutMs: number): number;
  /** inet_pton(3): 1 if the text was an address of the family. */
  parseAddress(family: number, text: string, bytes: number): number;
  /** inet_ntop(3). */
  formatAddress(family: number, bytes: number): string;
  interfaceIndex(name: string): number;
  /** The name (`'ECONNREFUSED'`) of the error number of the call before. */
  errorName(): string;
  /** The name of an error number, `'OK'` for 0. */
  nameOf(errno: number): string;
  allocate(size: number): Memory;
  watch(fd: number, onReadable: () => void): Watch;
}

const INET6_ADDRSTRLEN = 46;

/** Names by number; of two names for one number, the one that the manual pages of connect(2) and socket(2) use. */
function namesOf(errnos: Readonly<Record<string, number>>): readonly string[] {
  const names = ['OK'];
  for (const [name, errno] of Object.entries(errnos)) {
    if (name !== 'EWOULDBLOCK') names[errno] = name;
  }
  return names;
}

/**
 * Binds the C library of this process through koffi, an optional dependency.
 *
 * @throws whatever koffi throws where it is not installed, or has no binary for this platform
 */
export async function loadLibc(): Promise<Libc> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null);
  const names = namesOf(koffi.os.errno);
  const nameOf = (errno: number) => names[errno] ?? `E${errno}`;

  function allocate(size: number): Memory {
    // An ArrayBuffer of its own: short typed arrays may lie in the garbage collector's heap, where they move.
    const bytes = Buffer.from(new ArrayBuffer(size));
    return { bytes, view: new DataView(bytes.buffer), address: Number(koffi.address(bytes)) };
  }

  const text = allocate(INET6_ADDRSTRLEN);
  const ntop = library.func('int64 inet_ntop(int, int64, int64, int)');

  return {
    socket: library.func('int socket(int, int, int)'),
    close: library.func('int close(int)'),
    connect: library.func('int connect(int, int64, int)'),
    setsockopt: library.func('int setsockopt(int, int, int, int64, int)'),
    getsockopt: library.func('int getsockopt(int, int, int, int64, int64)'),
    getsockname: library.func('int getsockname(int, int64, int64)'),
    getpeername: library.func('int getpeername(int, int64, int64)'),
    send: library.func('int64 send(int, int64, int64, int)'),
    recv: library.func('int64 recv(int, int64, int64, int)'),
    recvmsg: library.func('int64 recvmsg(int, int64, int)'),
    epollCreate: library.func('int epoll_create1(int)'),
    epollControl: library.func('int epoll_ctl(int, int, int, int64)'),
    epollWait: library.func('int epoll_wait(int, int64, int, int)'),
    poll: library.func('int poll(int64, uint64, int)'),
    parseAddress: library.func('int inet_pton(int, str, int64)'),
    formatAddress(family, bytes) {
      ntop(family, bytes, text.address, INET6_ADDRSTRLEN);
      return text.bytes.toString('latin1', 0, text.bytes.indexOf(0));
    },
    interfaceIndex: library.func('uint if_nametoindex(str)'),
    errorName: () => nameOf(koffi.errno()),
    nameOf,
    allocate,
    // Exported and typed by koffi, not yet in its manual: the self-test of the transport notices if it changes.
    watch: (fd, onReadable) => koffi.node.poll(fd, { readable: true }, onReadable),
  };
}
