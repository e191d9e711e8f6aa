import { createFileStore, type FileStore } from './files.ts';
import { createInteractionStore, type InteractionStore } from './interactions.ts';
import { createMessageStore, type MessageStore } from './messages.ts';
import { type CommandRegistry, createCommandRegistry } from './registry.ts';
import { createSnowflakes } from './snowflake.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** Something Discord lets pass in silence but a good bot does not do. */
export interface Notice {
  readonly at: number;
  readonly text: string;
}

/** Everything one sandbox remembers. The REST side and the gateway share it; nothing else does. */
export interface State {
  readonly now: () => number;
  readonly nextId: () => string;
  readonly world: World;
  readonly commands: CommandRegistry;
  readonly messages: MessageStore;
  readonly interactions: InteractionStore;
  readonly files: FileStore;
  readonly notices: Notice[];
  notice(text: string): void;
}

export function createState(now: () => number, origin: () => string, worldOptions: WorldOptions = {}): State {
  const nextId = createSnowflakes(now);
  const world = createWorld(worldOptions);
  const notices: Notice[] = [];
  return {
    now,
    nextId,
    world,
    commands: createCommandRegistry(world.application.id, nextId),
    messages: createMessageStore(),
    interactions: createInteractionStore(now),
    files: createFileStore(nextId, origin, now),
    notices,
    notice: (text) => {
      notices.push({ at: now(), text });
    },
  };
}
