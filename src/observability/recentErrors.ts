/** An internal error as the managers of its server may see it: where to look in the log, and nothing of what is in there. */
export interface RecentError {
  /** Also in the reply that the person got, and in the log. */
  readonly reference: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The command or button, such as `scan` or `scan:rescan`. */
  readonly name: string;
  /** Code or class of the error; never its message, which may hold a secret or another server's target. */
  readonly code: string;
}

export interface RecentErrors {
  add(guildId: string, error: RecentError): void;
  /** Of one server, latest first. */
  ofGuild(guildId: string): readonly RecentError[];
}

const KEPT = 50;

/** The last internal errors of all servers together, in memory: lost with a restart, which the log is not. */
export function createRecentErrors(kept = KEPT): RecentErrors {
  const errors: (RecentError & { readonly guildId: string })[] = [];
  return {
    add(guildId, error) {
      errors.push({ ...error, guildId });
      if (errors.length > kept) errors.shift();
    },
    ofGuild: (guildId) =>
      errors
        .filter((error) => error.guildId === guildId)
        .map(({ guildId: _, ...error }) => error)
        .reverse(),
  };
}

const CODE_SHAPE = /^[A-Za-z][\w.-]{0,39}$/;

/** The code of an error when it has one that looks like a code, else the name of its class, else `Error`. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && Number.isInteger(code)) return String(code);
  if (typeof code === 'string' && CODE_SHAPE.test(code)) return code;
  return CODE_SHAPE.test(error.name) ? error.name : 'Error';
}
