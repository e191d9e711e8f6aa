export type Outcome = 'done' | 'refused' | 'failed';

export interface Report {
  readonly interactionId: string;
  readonly outcome: Outcome;
}

/** Remembers how interactions ended, and lets others wait for it. */
export interface FinishedReports {
  report(report: Report): void;
  /** Resolves when the bot says that it is done with an interaction; rejects when the signal aborts. */
  outcomeOf(interactionId: string, signal: AbortSignal): Promise<Outcome>;
}

export function createFinishedReports(): FinishedReports {
  const outcomes = new Map<string, Outcome>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  return {
    report({ interactionId, outcome }) {
      outcomes.set(interactionId, outcome);
      waiting.get(interactionId)?.(outcome);
      waiting.delete(interactionId);
    },
    outcomeOf(interactionId, signal) {
      return new Promise((resolve, reject) => {
        const known = outcomes.get(interactionId);
        if (known !== undefined) resolve(known);
        waiting.set(interactionId, resolve);
        signal.throwIfAborted();
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
  };
}
