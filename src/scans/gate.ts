import type { Phrase } from '../engine/phrase.ts';
import type { ScannableAddress } from '../engine/types.ts';
import { type Decision, decide } from '../policy/decide.ts';
import type { OperatorPolicy } from '../policy/judge.ts';
import type { CheckOwnership } from '../policy/ownershipCheck.ts';
import type { Refusal } from '../policy/refusal.ts';
import type { ResolutionProblem } from '../policy/resolve.ts';
import type { ResolveTarget } from '../policy/serverResolver.ts';
import type { Target } from '../policy/target.ts';
import type { Allowlists } from '../storage/allowlists.ts';
import type { Quotas } from '../storage/quotas.ts';

/** A scan that somebody asks for. */
export interface ScanJob {
  readonly guildId: string;
  readonly userId: string;
  readonly target: Target;
  readonly ports: readonly number[];
}

/** Everything that had to be true before the first packet, for this moment. */
export interface Cleared {
  readonly cleared: true;
  readonly address: ScannableAddress;
  /** The other addresses of the name. */
  readonly others: readonly string[];
  readonly ports: readonly number[];
  /** Asked for, but not permitted. */
  readonly skippedPorts: readonly number[];
  /** The entries that allow the target. */
  readonly rule: string;
  /** Gives back what the quotas took, when the scan does not begin after all. */
  refund(): Promise<void>;
}

export type NotCleared =
  | {
      readonly cleared: false;
      readonly reason: 'refused';
      readonly refusal: Refusal;
      readonly addresses: readonly string[];
    }
  | {
      readonly cleared: false;
      readonly reason: 'unresolved';
      readonly code: ResolutionProblem;
      readonly message: Phrase;
    };

export type Clearance = Cleared | NotCleared;

export interface GateDeps {
  readonly allowlists: Pick<Allowlists, 'read'>;
  readonly operator: OperatorPolicy;
  readonly resolve: ResolveTarget;
  /** Refuses a public target that nobody of the server has proved to be theirs. */
  readonly checkOwnership: CheckOwnership;
  readonly quotas: Pick<Quotas, 'peek' | 'take'>;
  readonly now: () => number;
}

/** Decides, each time anew, whether a job may run. Every method rejects when something cannot be read: nothing runs then. */
export interface Gate {
  /** What can be said at once: the lists, and whether the quotas have room. */
  precheck(job: ScanJob): Promise<Refusal | undefined>;
  /** Everything, in order: lists, DNS, every address, ownership, quotas (which are spent). */
  clear(job: ScanJob, signal: AbortSignal): Promise<Clearance>;
  /** The lists again, while the scan runs. */
  decideAgain(job: ScanJob, addresses: readonly string[]): Promise<Decision>;
}

export function createGate(deps: GateDeps): Gate {
  async function decideAgain({ guildId, target, ports }: ScanJob, addresses: readonly string[]): Promise<Decision> {
    const rules = { entries: await deps.allowlists.read(guildId), operator: deps.operator, nowMs: deps.now() };
    return decide(target, ports, rules, addresses);
  }

  return {
    decideAgain,
    async precheck(job) {
      const decision = await decideAgain(job, []);
      if (!decision.allowed) return decision.refusal;
      const { guildId, userId } = job;
      return deps.quotas.peek({ guildId, userId, addresses: [], cost: decision.ports.length });
    },
    async clear(job, signal) {
      // First without addresses: DNS is asked only about what is on the list.
      const listed = await decideAgain(job, []);
      if (!listed.allowed) return refused(listed.refusal);
      const resolved = await deps.resolve(job.guildId, job.target, signal);
      if (!resolved.ok && resolved.reason === 'refused') return refused(resolved.refusal);
      if (!resolved.ok) return { cleared: false, ...resolved };

      const { address, others } = resolved;
      const addresses = [address, ...others];
      const decision = await decideAgain(job, addresses);
      if (!decision.allowed) return refused(decision.refusal, addresses);
      const { guildId, userId, target } = job;
      // Before a proof is looked at again, or who has no quota left could make the bot send as often as they like.
      const cost = decision.ports.length;
      const short = await deps.quotas.peek({ guildId, userId, addresses: [address], cost });
      if (short) return refused(short, addresses);
      const unproven = await deps.checkOwnership(guildId, target, [address], signal);
      if (unproven) return refused(unproven, addresses);
      const taken = await deps.quotas.take({ guildId, userId, addresses: [address], cost });
      if (!taken.ok) return refused(taken.refusal, addresses);
      const { ports, skippedPorts, entries } = decision;
      const rule = entries.map(({ pattern }) => pattern).join(' ');
      return { cleared: true, address, others, ports, skippedPorts, rule, refund: taken.refund };
    },
  };
}

function refused(refusal: Refusal, addresses: readonly string[] = []): NotCleared {
  return { cleared: false, reason: 'refused', refusal, addresses };
}
