import { usualService } from '../../../advice/usualService.ts';
import type { OpenPort, Verdict } from '../../../scans/result.ts';
import { type Markdown, md } from '../../markdown.ts';
import { MARKS } from './adviceSections.ts';

/** An open port: what answered, and how much it matters. */
export function openLine({ port, reason, severity, service }: OpenPort): Markdown {
  const word = severity === 'info' ? 'expected on a web server' : severity;
  return md`${MARKS[severity]} **${port}/tcp** ${nameOf(port, service)}: **open** (${reason}), ${word}`;
}

/** What answered by name; else the port's usual service, and how it behaved. */
function nameOf(port: number, service: OpenPort['service']): string {
  if (service?.isRecognised) return service.text;
  return service ? `${usualService(port)}, ${service.text}` : usualService(port);
}

export function quietLine({ port, state, reason }: Verdict): Markdown {
  return md`**${port}/tcp** ${usualService(port)}: ${state} (${reason})`;
}
