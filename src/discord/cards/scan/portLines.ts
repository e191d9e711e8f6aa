import { usualService } from '../../../advice/usualService.ts';
import { SEVERITY_WORDS, STATE_WORDS } from '../../../advice/words.ts';
import { type Phrase, say } from '../../../engine/phrase.ts';
import type { OpenPort, Verdict } from '../../../scans/result.ts';
import { type Markdown, md } from '../../markdown.ts';
import { MARKS } from './adviceSections.ts';

/** An open port: what answered, and how much it matters. */
export function openLine({ port, reason, severity, service, asksForLogin }: OpenPort): Markdown {
  const word = severity === 'info' ? say`expected on a web server` : SEVERITY_WORDS[severity];
  if (asksForLogin)
    return md`${MARKS[severity]} **${port}/tcp** ${nameOf(port, service)}: **${STATE_WORDS.open}** (${reason}), ${word}, asks for a login`;
  return md`${MARKS[severity]} **${port}/tcp** ${nameOf(port, service)}: **${STATE_WORDS.open}** (${reason}), ${word}`;
}

/** What answered by name; else the port's usual service, and how it behaved. */
function nameOf(port: number, service: OpenPort['service']): Phrase {
  if (service?.isRecognised) return service.text;
  return service ? say`${usualService(port)}, ${service.text}` : usualService(port);
}

export function quietLine({ port, state, reason }: Verdict): Markdown {
  return md`**${port}/tcp** ${usualService(port)}: ${STATE_WORDS[state]} (${reason})`;
}
