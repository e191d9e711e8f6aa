/** Bytes in one growing block: thousands of tiny packets must cost no more than what is in them. */
export function createInbox(maxBytes: number) {
  let block = Buffer.alloc(0);
  let size = 0;
  return {
    size: () => size,
    /** What is returned stays as it is while more arrives. */
    all: () => block.subarray(0, size),
    add(chunk: Buffer): void {
      if (size + chunk.length > block.length) {
        // Not of the shared pool: a slice there would keep the whole pool alive.
        const grown = Buffer.alloc(Math.min(maxBytes, Math.max(512, block.length * 2, size + chunk.length)));
        block.copy(grown, 0, 0, size);
        block = grown;
      }
      chunk.copy(block, size);
      size += chunk.length;
    },
  };
}
