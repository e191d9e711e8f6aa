/** What goes wrong on purpose, on the next requests that match. */
export type Fault =
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'drop' }
  /** Done, but the connection is cut instead of an answer. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'delay'; readonly delayMs: number };

export interface FaultPlan {
  add(pattern: string | RegExp, fault: Fault, times: number): void;
  /** The fault for a request, if one is planned; uses up one of its times. `names` are all the names of the route. */
  take(names: readonly string[]): Fault | null;
  clear(): void;
}

/** In a pattern `*` stands for anything; everything else for itself. */
function toRegExp(pattern: string | RegExp): RegExp {
  if (typeof pattern !== 'string') return pattern;
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}

export function createFaultPlan(): FaultPlan {
  const planned: { readonly pattern: RegExp; readonly fault: Fault; left: number }[] = [];
  return {
    add(pattern, fault, times) {
      planned.push({ pattern: toRegExp(pattern), fault, left: times });
    },
    take(names) {
      const found = planned.find((entry) => entry.left > 0 && names.some((name) => entry.pattern.test(name)));
      if (!found) return null;
      found.left -= 1;
      return found.fault;
    },
    clear: () => {
      planned.length = 0;
    },
  };
}
