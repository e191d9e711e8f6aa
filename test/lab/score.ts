import { answersByIcmp, RIGHT, type TruthClass, type Verdict } from './truth.ts';

/** How a scan did on one host. All numbers count ports. */
export interface Score {
  /** Wrong states: the sum of the six below. */
  readonly wrong: number;
  readonly missedOpen: number;
  readonly falseOpen: number;
  readonly falseFiltered: number;
  readonly falseClosed: number;
  /** The scanner said it could not tell. */
  readonly errors: number;
  readonly missing: number;
  /** Flaky ports not found open; not part of `wrong`. */
  readonly flakyMissed: number;
  readonly flakyTotal: number;
  /** Wrong under the strict judge, which looks at reasons too. */
  readonly strictWrong: number;
  /** A few wrong ones in words, for a person. */
  readonly examples: readonly string[];
}

export interface Judging {
  readonly truth: (port: number) => TruthClass;
  readonly ports: readonly number[];
  /** True where every ICMP error arrives, so that silence is a wrong reason. */
  readonly icmpCertain: boolean;
  /** Judge only which ports are open. */
  readonly openOnly?: boolean;
  /** True where no port needs a verdict, as the scanner has said that the host is down. */
  readonly mayOmit?: boolean;
}

type Fault = 'missedOpen' | 'falseOpen' | 'falseFiltered' | 'falseClosed' | 'errors' | 'missing';

const EXAMPLES = 5;

function faultOf(truth: TruthClass, verdict: Verdict | undefined, judging: Judging): Fault | undefined {
  if (verdict === undefined) return judging.mayOmit ? undefined : 'missing';
  const { state } = verdict;
  if (RIGHT[truth].states.includes(state)) return undefined;
  if (state === 'open') return 'falseOpen';
  if (truth === 'open' || truth === 'flaky') return 'missedOpen';
  if (judging.openOnly) return undefined;
  if (state === 'filtered') return 'falseFiltered';
  return state === 'closed' ? 'falseClosed' : 'errors';
}

/** About reasons, where the state is right already. */
function isStrictlyRight(truth: TruthClass, verdict: Verdict | undefined, judging: Judging): boolean {
  if (verdict === undefined || judging.openOnly) return true;
  const { state, reason } = verdict;
  const right = RIGHT[truth];
  if (!(right.strictStates ?? right.states).includes(state)) return false;
  if (right.reasons.length === 0 || right.reasons.includes(reason)) return true;
  return answersByIcmp(truth) && !judging.icmpCertain && reason === 'no-response';
}

function describe(port: number, truth: TruthClass, verdict: Verdict | undefined): string {
  return `${port} is ${truth}, said ${verdict === undefined ? 'nothing' : `${verdict.state} ${verdict.reason}`}`;
}

/** Judges the verdicts of one scan on one host against the truth. */
export function score(verdicts: ReadonlyMap<number, Verdict>, judging: Judging): Score {
  const faults = { missedOpen: 0, falseOpen: 0, falseFiltered: 0, falseClosed: 0, errors: 0, missing: 0 };
  let flakyMissed = 0;
  let strictWrong = 0;
  const examples: string[] = [];
  for (const port of judging.ports) {
    const truth = judging.truth(port);
    const verdict = verdicts.get(port);
    const fault = faultOf(truth, verdict, judging);
    if (truth === 'flaky' && fault === 'missedOpen' && verdict?.state === 'filtered') {
      flakyMissed += 1;
      continue;
    }
    if (fault !== undefined) {
      faults[fault] += 1;
      if (examples.length < EXAMPLES) examples.push(describe(port, truth, verdict));
    }
    if (fault !== undefined || !isStrictlyRight(truth, verdict, judging)) strictWrong += 1;
  }
  const wrong = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const flakyTotal = judging.ports.filter((port) => judging.truth(port) === 'flaky').length;
  return { wrong, ...faults, flakyMissed, flakyTotal, strictWrong, examples };
}
