import { type APIMessage, ApplicationCommandOptionType, InteractionType } from 'discord.js';
import { userObject } from '../entities.ts';
import type { InteractionRecord } from '../interactions.ts';
import { asArray, asJson, asText, type Json } from '../json.ts';
import { findUser } from '../world.ts';
import type { RestRequest } from './route.ts';

/** The message type of a reply to a slash command. */
const CHAT_INPUT_COMMAND = 20;
const REPLY = 19;

const NESTING: readonly unknown[] = [
  ApplicationCommandOptionType.Subcommand,
  ApplicationCommandOptionType.SubcommandGroup,
];

/** The command's name with group and subcommand, as the "Message Interaction Structure" has it. */
function fullName(data: Json): string {
  const nested = asArray(data.options)
    .map(asJson)
    .find((option) => NESTING.includes(option.type));
  return [asText(data.name), ...(nested ? [fullName(nested)] : [])].join(' ');
}

/** A message made through an interaction: it says whose it was, and comes from the application's webhook. */
export function interactionMessage(request: RestRequest, record: InteractionRecord, message: APIMessage): APIMessage {
  const { world } = request.state;
  const person = findUser(world, record.userId);
  const user = person ? userObject(person) : undefined;
  const isCommand = record.type === InteractionType.ApplicationCommand;
  const extra = {
    type: isCommand ? CHAT_INPUT_COMMAND : REPLY,
    webhook_id: world.application.id,
    interaction_metadata: {
      id: record.id,
      type: record.type,
      user,
      authorizing_integration_owners: record.payload.authorizing_integration_owners ?? {
        '0': record.guildId ?? '0',
      },
      ...(record.sourceMessageId === null ? {} : { interacted_message_id: record.sourceMessageId }),
    },
    ...(isCommand
      ? { interaction: { id: record.id, type: record.type, name: fullName(asJson(record.payload.data)), user } }
      : {}),
  };
  return { ...message, ...extra } as unknown as APIMessage;
}
