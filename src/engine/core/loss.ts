/**
 * How much of what we send is lost, there or back, and how many silent attempts therefore prove silence.
 *
 * The estimate rests on attempts whose loss is certain: those at ports that answered another attempt, and canaries
 * (attempts at ports known to answer). It starts from half a loss in twenty, so that no luck makes it nothing.
 */
export interface LossEstimate {
  /** A port answered; `lostBefore` of its earlier attempts had been lost. */
  answered(lostBefore: number): void;
  canary(answered: boolean): void;
  /** A canary thought lost has answered after all. */
  canaryWasLate(): void;
  /** The time behind us was congested: what was lost then tells little of what will be lost now. */
  discount(): void;
  /** True once anything was lost. */
  seen(): boolean;
  /** Ports that answered. */
  answeredCount(): number;
  /** Loss of one attempt, 0 to 1, never 0. */
  rate(): number;
}

const PRIOR_LOST = 0.5;
const PRIOR_SENT = 20;

export function createLossEstimate(): LossEstimate {
  let answered = 0;
  let canaries = 0;
  let lost = 0;
  return {
    answered(lostBefore) {
      answered += 1;
      lost += lostBefore;
    },
    canary(ok) {
      if (ok) canaries += 1;
      else lost += 1;
    },
    canaryWasLate() {
      canaries += 1;
      lost = Math.max(0, lost - 1);
    },
    discount() {
      lost /= 2;
      canaries /= 2;
    },
    seen: () => lost > 0,
    answeredCount: () => answered,
    rate: () => (lost + PRIOR_LOST) / (answered + canaries + lost + PRIOR_SENT),
  };
}

/** Expected number of answering ports, of a whole scan, that may be missed because every attempt at them was lost. */
export const EXPECTED_MISSES = 0.001;
/** Only hosts that limit their answers get here. */
const MOST_ATTEMPTS = 24;
/** With so few silent ports, and loss about, further attempts cost next to nothing. */
const FEW_PORTS = 64;

export interface AttemptsQuestion {
  /** Attempts that stayed silent in good conditions. */
  readonly silent: number;
  readonly loss: LossEstimate;
  /** Round trips are those of a LAN. */
  readonly lan: boolean;
  /** Ports tried so far. */
  readonly tried: number;
  /** The most attempts that any port needed before it answered. */
  readonly mostNeeded: number;
}

/**
 * Whether a port that was silent so often deserves another attempt. With A answering ports and loss p, k attempts each
 * leave A·pᵏ of them undiscovered: attempts go on until that falls below {@link EXPECTED_MISSES}.
 */
export function deservesAnother({ silent, loss, lan, tried, mostNeeded }: AttemptsQuestion): boolean {
  if (silent >= MOST_ATTEMPTS) return false;
  const answered = loss.answeredCount();
  const calm = lan && !loss.seen();
  let least = calm ? 2 : 3;
  const odd = tried - answered;
  // A few silent ports among many that answer are odd enough to look twice: a service may be dropping connections.
  if (answered >= 20 && odd * 20 <= answered) least = 4;
  if (mostNeeded > 1 && odd <= FEW_PORTS) least = Math.max(7, mostNeeded + 4);
  if (silent < least) return true;
  return !calm && answered * loss.rate() ** silent > EXPECTED_MISSES;
}
