import { Client, Events, GatewayIntentBits } from 'discord.js';
import { report } from './child.ts';

/** What a beginner writes: one intent, and every interaction is deferred at once. Nothing can be faster with discord.js. */
const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: process.env.DISCORD_API_URL ?? '' },
});
client.on(Events.InteractionCreate, (interaction) => {
  if (interaction.isChatInputCommand()) interaction.deferReply().catch(() => {});
});
client.once(Events.ClientReady, report);
await client.login(process.env.DISCORD_TOKEN);
