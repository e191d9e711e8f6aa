import { counted, type Phrase, say } from '../phrase.ts';
import { parsePorts } from './grammar.ts';
import { formatPorts, MAX_PORT } from './intervals.ts';
import { PRESET_NAMES, portsOfPreset } from './presets.ts';
import { NAMED_PORTS, portsOfService, SERVICE_NAMES, serviceNameOf } from './services.ts';

/** One autocomplete choice: what is shown, and the text that goes into the field. */
export interface PortSuggestion {
  readonly label: string | Phrase;
  readonly value: string;
}

/** Discord: at most 25 choices, names and values of at most 100 characters. */
const MAX_SUGGESTIONS = 25;
const MAX_LENGTH = 100;

/** Offered when nothing is typed yet, after the presets. */
const USUAL_SERVICES = ['ssh', 'http', 'https', 'rdp', 'smb', 'dns', 'smtp', 'mysql', 'postgresql', 'redis', 'mongodb'];

function listPorts(ports: readonly number[]): string {
  return formatPorts(ports).replaceAll(',', ', ');
}

/** @param value the whole text that the field would get; `item` is its last part */
function describe(value: string, item: string): string | Phrase {
  const preset = portsOfPreset(item);
  if (preset !== undefined) return `${value}: ${listPorts(preset)}`;
  const ports = portsOfService(item);
  if (ports.length > 0) {
    const list = listPorts(ports);
    return counted(ports.length, say`${value}: port ${list}`, say`${value}: ports ${list}`);
  }
  const parsed = parsePorts(item, { maxPorts: MAX_PORT });
  const [first, ...more] = parsed.ok ? parsed.value : [];
  if (first === undefined) return `${value}: `;
  if (more.length > 0) {
    const count = more.length + 1;
    return counted(count, say`${value}: ${count} port`, say`${value}: ${count} ports`);
  }
  const service = serviceNameOf(first);
  return service === undefined ? say`${value}: port` : `${value}: ${service}`;
}

/** What the item being typed may become, best first. */
function completions(item: string): readonly string[] {
  if (item === '') return [...PRESET_NAMES, ...USUAL_SERVICES];
  if (item.startsWith('@')) return [...PRESET_NAMES.filter((name) => name.startsWith(item)), item];
  if (/^\d/.test(item)) return [item, ...NAMED_PORTS.map(String).filter((port) => port.startsWith(item))];
  const names = SERVICE_NAMES.filter((name) => name.startsWith(item));
  return [...names, ...PRESET_NAMES.filter((name) => name.startsWith(`@${item}`)), item];
}

/** What is too long ends in ports or in what was typed, which are the same in every language. */
function cut(label: string | Phrase): string | Phrase {
  const text = typeof label === 'string' ? label : label.text;
  if (text.length <= MAX_LENGTH) return label;
  const shortened = text.slice(0, MAX_LENGTH - 1);
  const lastComma = shortened.lastIndexOf(', ');
  return `${lastComma > MAX_LENGTH / 2 ? shortened.slice(0, lastComma + 2) : shortened}…`;
}

/**
 * Chat autocomplete for a port list: completes its last item and keeps what stands before it. At most 25 choices, label
 * and value at most 100 characters each; every value is one that `parsePorts` accepts when `maxPorts` is large enough.
 * Never throws; what cannot be completed gets no suggestions.
 */
export function suggestPorts(partial: string): readonly PortSuggestion[] {
  if (partial.length > MAX_LENGTH) return [];
  const item = /[^, \t]*$/.exec(partial)?.[0] ?? '';
  const before = partial.slice(0, partial.length - item.length).replace(/^[ \t]+|[, \t]+$/g, '');
  if (before !== '' && !parsePorts(before, { maxPorts: MAX_PORT }).ok) return [];
  const suggestions: PortSuggestion[] = [];
  for (const completion of new Set(completions(item.toLowerCase()))) {
    const value = before === '' ? completion : `${before},${completion}`;
    if (value.length > MAX_LENGTH || !parsePorts(value, { maxPorts: MAX_PORT }).ok) continue;
    suggestions.push({ label: cut(describe(value, completion)), value });
    if (suggestions.length === MAX_SUGGESTIONS) break;
  }
  return suggestions;
}
