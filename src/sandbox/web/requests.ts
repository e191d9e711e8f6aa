import type { Where } from '../client/actor.ts';
import type { InteractionHandle } from '../client/handle.ts';
import type { TypedCommand } from '../client/line.ts';
import { ClientRefusal } from '../client/refusal.ts';
import type { GivenFile } from '../client/slash.ts';
import { asArray, asJson, asText, type Json } from '../json.ts';
import type { Sandbox } from '../sandbox.ts';
import { makeFault } from './faults.ts';
import type { Answers, PersonView, Responded } from './protocol.ts';

/** As long as Discord waits for the first response. */
const RESPOND_WITHIN_MS = 3_000;
/** Handles that are kept for modals that may still be sent. */
const MAX_HANDLES = 100;
const MODAL = 9;

export interface RequestContext {
  readonly sandbox: Sandbox;
  readonly restartBot: () => Promise<void>;
  /** The key of who acts. */
  readonly person: () => string;
  readonly become: (key: string) => PersonView;
  readonly responded: (responded: Responded) => void;
}

type Handlers = { readonly [Name in keyof Answers]: (request: Json) => Answers[Name] | Promise<Answers[Name]> };

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(asJson(value)).map(([name, text]) => [name, asText(text)]));
}

function typedOf(request: Json): TypedCommand {
  const { command, options } = asJson(request.typed);
  return { command: asText(command), options: textsOf(options) };
}

function filesOf(request: Json): Record<string, GivenFile> {
  return Object.fromEntries(
    Object.entries(asJson(request.files)).map(([option, value]) => {
      const { name, contentType, data } = asJson(value);
      const content = Buffer.from(asText(data), 'base64');
      const type = asText(contentType);
      return [option, { name: asText(name), content, ...(type === '' ? {} : { contentType: type }) }];
    }),
  );
}

function fieldsOf(value: unknown): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(asJson(value)).map(([id, field]) => [id, Array.isArray(field) ? field.map(asText) : asText(field)]),
  );
}

function whereOf(request: Json, as: string): Where {
  const { guild, channel } = asJson(request.place);
  if (guild === null || guild === undefined) return { as, where: 'dm' };
  return { as, guild: asText(guild), channel: asText(channel) };
}

/** Does what the page asks. The promise rejects with ClientRefusal for what Discord's client would not send. */
export function createRequests(context: RequestContext): (request: unknown) => Promise<unknown> {
  const { sandbox, person, become, responded, restartBot } = context;
  const handles = new Map<string, InteractionHandle>();

  const follow = (handle: InteractionHandle): { readonly interaction: string } => {
    handles.set(handle.id, handle);
    const oldest = handles.keys().next();
    if (handles.size > MAX_HANDLES && !oldest.done) handles.delete(oldest.value);
    void handle.acknowledged(RESPOND_WITHIN_MS).then((first) => {
      const response = first === 'timeout' ? first : first.type === MODAL ? 'modal' : 'message';
      responded({ interaction: handle.id, response, modal: handle.modal() });
    });
    return { interaction: handle.id };
  };

  const handlers: Handlers = {
    act: (request) => ({ person: become(asText(request.as)) }),
    commands: (request) => ({ commands: sandbox.offered(whereOf(request, person())) }),
    slash: async (request) => {
      const where = { ...whereOf(request, person()), files: filesOf(request) };
      return follow(await sandbox.slash(typedOf(request), where));
    },
    choices: async (request) => ({
      choices: await sandbox.autocomplete(typedOf(request), whereOf(request, person())),
    }),
    click: (request) => follow(sandbox.click(asText(request.message), asText(request.button), { as: person() })),
    select: (request) => {
      const values = asArray(request.values).map(asText);
      return follow(sandbox.select(asText(request.message), asText(request.menu), values, { as: person() }));
    },
    submit: (request) => {
      const handle = handles.get(asText(request.interaction));
      if (!handle) throw new ClientRefusal('This form is not open any more.');
      return follow(sandbox.submitModal(handle, fieldsOf(request.fields), { as: person() }));
    },
    fault: async (request) => ({ said: await makeFault({ sandbox, restartBot }, asText(request.name)) }),
  };

  return async (request) => {
    const asked = asJson(request);
    const name = asText(asked.do);
    if (!Object.hasOwn(handlers, name)) throw new ClientRefusal('The page asked for something unknown. Reload it.');
    return await handlers[name as keyof Handlers](asked);
  };
}
