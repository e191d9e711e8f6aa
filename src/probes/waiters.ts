/** Those who wait for something to become true. */
export function createWaiters(failure: () => Error | undefined) {
  const checks = new Set<() => void>();
  return {
    wake(): void {
      for (const check of [...checks]) check();
    },
    /** Settles when `done` holds; rejects as soon as there is a failure, or when `done` throws. */
    until: (done: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          try {
            const failed = failure();
            if (!done()) {
              if (!failed) return;
              throw failed;
            }
            resolve();
          } catch (error) {
            reject(error);
          }
          checks.delete(check);
        };
        checks.add(check);
        check();
      }),
  };
}
