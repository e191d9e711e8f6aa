import { type Phrase, say } from '../../engine/phrase.ts';
import type { ProofMethod, Provable, Subject } from '../../policy/ownership.ts';
import type { Challenge, UnverifiedRefusal, Way } from '../../policy/ownershipChallenge.ts';
import type { NotProven, Proven } from '../../policy/ownershipService.ts';
import type { Verified } from '../../targets/verify.ts';
import type { Card, Section } from '../card.ts';
import type { Answer } from '../command.ts';
import { code, type Markdown, md, trusted } from '../markdown.ts';
import { refusalCard, refusalLines } from './notices.ts';

/** Of an ISO 8601 time, up to the minute. */
const MINUTE_SHOWN = 16;
/** A record's name or value, or a URL with a long host name. */
const MAX_COPIED = 400;

const minute = (time: string) => `${time.slice(0, MINUTE_SHOWN).replace('T', ' ')} UTC`;
const copied = (text: string) => code(text, MAX_COPIED);

const METHODS: Record<ProofMethod, Phrase> = {
  dns: say`by a TXT record in DNS`,
  https: say`by a file on its web server (HTTPS)`,
  http: say`by a file on its web server (HTTP)`,
  link: say`by a visit from the address`,
};

export function verifiedAnswer(target: Provable, verified: Verified): Answer {
  switch (verified.outcome) {
    case 'started':
      return { outcome: 'done', card: challengeCard(verified.challenge) };
    case 'refused':
      return { outcome: 'refused', code: verified.refusal.code, card: refusalCard(verified.refusal) };
    case 'proven':
      return { outcome: 'done', card: checkedCard(target, verified.result) };
    case 'waiting':
      return { outcome: 'refused', card: waitingCard(target, verified.result, verified.challenge) };
  }
}

/** What to create, one way a section, each value ready to be copied. */
export function challengeCard(challenge: Challenge): Card {
  const { target, ways, expiresAt } = challenge;
  const again = code(`/targets verify target:${target.canonical}`);
  return {
    tone: 'info',
    title: md`Verify ${target.display}`,
    lines: [
      ways.length === 1
        ? md`To show that this server may scan it, do this, then run ${again} again.`
        : md`To show that this server may scan it, do one of these, then run ${again} again.`,
    ],
    sections: ways.map(section),
    footer: md`Valid until ${minute(expiresAt)}, for this Discord server alone.`,
  };
}

function section(way: Way): Section {
  switch (way.method) {
    case 'dns':
      return {
        heading: md`DNS record`,
        lines: [
          md`Type: ${code('TXT')}`,
          md`Name: ${copied(way.recordName)}`,
          md`Value: ${copied(way.recordValue)}`,
          md`Proves ${reach(way.subject, 'dns')}.`,
        ],
      };
    case 'file':
      return {
        heading: md`File on the web server`,
        lines: [
          md`At: ${copied(way.url)}`,
          md`Content: ${copied(way.content)}`,
          md`HTTPS or HTTP, on the usual port, without a redirect. Proves ${reach(way.subject, 'https')}.`,
        ],
      };
    case 'link':
      return {
        heading: md`Visit from the address`,
        lines: [
          // Made of our own URL and base64url.
          md`Open this from ${way.subject.canonical} itself and press the button: ${trusted(`<${way.url}>`)}`,
          md`Without a browser: ${copied(`curl -X POST ${way.url}`)}`,
        ],
      };
  }
}

/** What a proof is good for. */
function reach({ canonical }: Subject, method: ProofMethod): Phrase {
  return method === 'dns' ? say`${canonical} and all names below it` : say`${canonical} alone`;
}

/** What a look for the proof brought. */
export function checkedCard(target: Provable, result: Proven | NotProven): Card {
  if (result.proven) return provenCard(target, result.subject, result.proof);
  return {
    tone: 'notice',
    title: md`Not verified yet: ${target.display}`,
    lines: [
      md`${result.message}`,
      ...result.tried.map((line) => md`• ${line}`),
      ...(result.tried.length > 0 ? [md`A new DNS record can take some minutes to be seen everywhere.`] : []),
    ],
  };
}

/** Nothing proves the target yet: what was looked at, and what to create. */
export function waitingCard(target: Provable, result: NotProven, challenge: Challenge): Card {
  const { sections = [], footer } = challengeCard(challenge);
  return { ...checkedCard(target, result), sections, ...(footer && { footer }) };
}

function provenCard(target: Provable, subject: Subject, proof: Proven['proof']): Card {
  const { method, provenAt, expiresAt } = proof;
  const lines: Markdown[] = [
    md`This server has shown that it may scan ${reach(subject, method)}, ${METHODS[method]}.`,
    md`Since ${minute(provenAt)}, until ${minute(expiresAt)}.`,
    afterwards(method),
  ];
  return { tone: 'good', title: md`Verified: ${target.display}`, lines };
}

function afterwards(method: ProofMethod): Markdown {
  if (method === 'link') return md`Verify it again before then.`;
  return method === 'dns'
    ? md`Leave the record where it is: it is looked at again when the target is scanned.`
    : md`Leave the file where it is: it is looked at again when the target is scanned.`;
}

/** A scan was refused because nothing proves the target: what to create, in the same form as the challenge. */
export function unverifiedCard(refusal: UnverifiedRefusal): Card {
  return {
    tone: 'refused',
    title: md`Refused: ${refusal.challenge.target.display} is not verified`,
    lines: refusalLines(refusal),
    sections: refusal.challenge.ways.map(section),
    footer: md`Rule: ${refusal.code}. The target was not scanned.`,
  };
}
