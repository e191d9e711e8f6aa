import type { Command } from '../src/discord/command.ts';
import { type AuditCommandDeps, auditCommand } from './audit.ts';
import { type DataDeps, dataCommand } from './data.ts';
import { type ExplainDeps, explainCommand } from './explain.ts';
import { helpCommand } from './help.ts';
import { type HistoryDeps, historyCommand } from './history.ts';
import { type ScanDeps, scanCommand } from './scan.ts';
import { type SettingsDeps, settingsCommand } from './settings.ts';
import { type StatusDeps, statusCommand } from './status.ts';
import { type TargetsDeps, targetsCommand } from './targets.ts';

export type CommandDeps = ScanDeps &
  ExplainDeps &
  HistoryDeps &
  TargetsDeps &
  SettingsDeps &
  AuditCommandDeps &
  DataDeps &
  StatusDeps;

/** Every command of the bot. A new one is a file beside this one and a line here. */
export function createCommands(deps: CommandDeps): readonly Command[] {
  const commands: readonly Command[] = [
    scanCommand(deps),
    historyCommand(deps),
    explainCommand(deps),
    targetsCommand(deps),
    settingsCommand(deps),
    auditCommand(deps),
    dataCommand(deps),
    statusCommand(deps),
    helpCommand(() => commands.map(({ data }) => data)),
  ];
  return commands;
}
