import {
  type APIInteractionGuildMember,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  DiscordAPIError,
  type GuildMember,
  type Interaction,
  MessageFlags,
  PermissionFlagsBits,
  RESTJSONErrorCodes,
  type StringSelectMenuInteraction,
} from 'discord.js';
import type { RenderedMessage } from './render.ts';

/** The interactions that get an answer in the channel. */
export type AnswerableInteraction = ChatInputCommandInteraction | ButtonInteraction | StringSelectMenuInteraction;

/** Somebody was too late, or the message, channel or token is gone: no fault of ours and nobody left to tell. */
const GONE: ReadonlySet<number | string> = new Set([
  RESTJSONErrorCodes.UnknownInteraction,
  RESTJSONErrorCodes.UnknownMessage,
  RESTJSONErrorCodes.UnknownWebhook,
  RESTJSONErrorCodes.UnknownChannel,
  RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged,
  RESTJSONErrorCodes.InvalidWebhookToken,
]);

export function isGone(error: unknown): boolean {
  return error instanceof DiscordAPIError && GONE.has(error.code);
}

export function isAcknowledgedAlready(error: unknown): boolean {
  return error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged;
}

/** Puts a message where the interaction's reply is: as the first response, or over the acknowledgement. Always private. */
export async function respond(interaction: AnswerableInteraction, message: RenderedMessage): Promise<void> {
  if (interaction.deferred || interaction.replied) {
    await interaction.editReply({ ...editable(message), content: null });
  } else {
    await interaction.reply({ ...editable(message), flags: MessageFlags.Ephemeral });
  }
}

/** discord.js takes mutable arrays. */
function editable({ embeds, components, files }: RenderedMessage) {
  return { embeds: [...embeds], components: [...components], files: [...files] };
}

/** The command, or the component's command and action; bounded, for logs and metrics. */
export function nameOf(interaction: AnswerableInteraction): string {
  if (interaction.isChatInputCommand()) return interaction.commandName;
  return interaction.customId.split(':', 2).join(':').slice(0, 65);
}

/** From the payload alone: the cache may be cold, and what Discord did not say counts as no. */
export function isManager(interaction: { memberPermissions: { has(flag: bigint): boolean } | null }): boolean {
  return interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false;
}

/** From the payload alone, like {@link isManager}. */
export function rolesOf({ member }: { member: unknown }): readonly string[] {
  const roles = (member as GuildMember | APIInteractionGuildMember | null)?.roles;
  if (roles === undefined) return [];
  return Array.isArray(roles) ? roles : [...roles.cache.keys()];
}

/** Asks Discord what the member may by now; undefined when they have left the server. */
export async function fetchMember({ guild, user }: Interaction) {
  try {
    const member = await guild?.members.fetch({ user: user.id, force: true });
    if (!member) throw new Error('Discord did not tell of the server');
    return {
      roleIds: [...member.roles.cache.keys()],
      isManager: member.permissions.has(PermissionFlagsBits.ManageGuild),
    };
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownMember) return undefined;
    throw error;
  }
}
