import type { Command } from '../src/discord/command.ts';
import { explainCommand } from './explain.ts';
import { helpCommand } from './help.ts';
import { type ScanDeps, scanCommand } from './scan.ts';
import { type TargetsDeps, targetsCommand } from './targets.ts';

/** Every command of the bot. A new one is a file beside this one and a line here. */
export function createCommands(deps: ScanDeps & TargetsDeps): readonly Command[] {
  const commands: readonly Command[] = [
    scanCommand(deps),
    explainCommand(),
    targetsCommand(deps),
    helpCommand(() => commands.map(({ data }) => data)),
  ];
  return commands;
}
