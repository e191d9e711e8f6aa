import { ApplicationCommandOptionType, ApplicationCommandType } from 'discord.js';
import { asArray, asJson, asText, isAbsent, type Json } from '../json.ts';
import type { Spot } from './issues.ts';
import { checkBoolean, checkChoice, checkInteger, checkList, checkObject, checkText, failRequired } from './values.ts';

/** Limits of "Application Commands" in Discord's reference. */
export const COMMAND_LIMITS = {
  commands: 100,
  options: 25,
  choices: 25,
  name: 32,
  description: 100,
  total: 8000,
} as const;

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const CHOICE_LIMIT = 100;
const MAX_STRING_OPTION = 6000;
const SAFE_INTEGER = Number.MAX_SAFE_INTEGER;
const { Subcommand, SubcommandGroup, String: Text, Integer, Number: Decimal } = ApplicationCommandOptionType;
const WITH_CHOICES: readonly unknown[] = [Text, Integer, Decimal];
const OPTION_TYPES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

function checkName(spot: Spot, value: unknown): void {
  const name = checkText(spot, value, { min: 1, max: COMMAND_LIMITS.name, required: true });
  if (
    name !== undefined &&
    (!NAME.test(name) || name !== name.toLowerCase()) &&
    [...name].length <= COMMAND_LIMITS.name
  )
    spot.fail('APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
}

function checkLocalisations(spot: Spot, value: unknown, max: number): void {
  for (const [locale, text] of Object.entries(asJson(value)))
    if (!isAbsent(text)) checkText(spot.at(locale), text, { min: 1, max });
}

function checkLabels(spot: Spot, item: Json): void {
  checkName(spot.at('name'), item.name);
  checkLocalisations(spot.at('name_localizations'), item.name_localizations, COMMAND_LIMITS.name);
  checkText(spot.at('description'), item.description, { min: 1, max: COMMAND_LIMITS.description, required: true });
  checkLocalisations(spot.at('description_localizations'), item.description_localizations, COMMAND_LIMITS.description);
}

function checkChoices(spot: Spot, option: Json): void {
  const choices = checkList(spot.at('choices'), option.choices, { max: COMMAND_LIMITS.choices });
  const names = new Set<unknown>();
  for (const [index, value] of choices.entries()) {
    const at = spot.at('choices').at(index);
    const choice = checkObject(at, value);
    if (!choice) continue;
    checkText(at.at('name'), choice.name, { min: 1, max: CHOICE_LIMIT, required: true });
    if (option.type === Text) checkText(at.at('value'), choice.value, { max: CHOICE_LIMIT, required: true });
    else if (typeof choice.value !== 'number')
      at.at('value').fail('NUMBER_TYPE_COERCE', `Value "${String(choice.value)}" is not a number.`);
    if (names.has(choice.name))
      at.at('name').fail('APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS', 'Option choice name already exists');
    names.add(choice.name);
  }
  if (option.autocomplete === true && choices.length > 0)
    spot
      .at('autocomplete')
      .fail('APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_CHOICES_EXCLUSIVE', 'autocomplete and choices exclude each other');
}

function checkBounds(spot: Spot, option: Json): void {
  if (option.type === Text) {
    checkInteger(spot.at('min_length'), option.min_length, 0, MAX_STRING_OPTION);
    checkInteger(spot.at('max_length'), option.max_length, 1, MAX_STRING_OPTION);
  }
  if (option.type === Integer) {
    checkInteger(spot.at('min_value'), option.min_value, -SAFE_INTEGER, SAFE_INTEGER);
    checkInteger(spot.at('max_value'), option.max_value, -SAFE_INTEGER, SAFE_INTEGER);
  }
}

/** Depth 0 are the options of the command, 1 those of a group or subcommand, 2 those of a subcommand in a group. */
function checkOption(spot: Spot, option: Json, depth: number, parent: unknown): void {
  checkLabels(spot, option);
  checkChoice(spot.at('type'), option.type, OPTION_TYPES);
  checkBoolean(spot.at('required'), option.required);
  checkBoolean(spot.at('autocomplete'), option.autocomplete);
  if (option.type === Subcommand || option.type === SubcommandGroup) {
    const misplaced = depth > 0 && !(parent === SubcommandGroup && option.type === Subcommand);
    if (misplaced)
      spot
        .at('type')
        .fail(
          'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
          'Sub-command and sub-command group option types cannot be nested here',
        );
    checkOptions(spot.at('options'), option.options, depth + 1, option.type);
    return;
  }
  if (parent === SubcommandGroup)
    spot.at('type').fail('APPLICATION_COMMAND_OPTIONS_TYPE_INVALID', 'A sub-command group may only have sub-commands');
  if (WITH_CHOICES.includes(option.type)) checkChoices(spot, option);
  else if (option.autocomplete === true)
    spot
      .at('autocomplete')
      .fail(
        'APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID_TYPE',
        'Only string, integer and number options can have autocomplete',
      );
  checkBounds(spot, option);
}

function checkOptions(spot: Spot, value: unknown, depth: number, parent: unknown): void {
  const options = checkList(spot, value, { max: COMMAND_LIMITS.options });
  const names = new Set<unknown>();
  let optionalSeen = false;
  let nested = 0;
  for (const [index, item] of options.entries()) {
    const at = spot.at(index);
    const option = checkObject(at, item);
    if (!option) continue;
    checkOption(at, option, depth, parent);
    if (names.has(option.name))
      at.at('name').fail('APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists');
    names.add(option.name);
    if (option.type === Subcommand || option.type === SubcommandGroup) nested += 1;
    else if (option.required !== true) optionalSeen = true;
    else if (optionalSeen)
      at.fail(
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
  }
  if (nested > 0 && nested < options.length)
    spot.fail(
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-command and sub-command group option types are mutually exclusive to all other types',
    );
}

function longest(text: unknown, localisations: unknown): number {
  const texts = [text, ...Object.values(asJson(localisations))];
  return Math.max(...texts.map((candidate) => [...asText(candidate)].length));
}

/**
 * Characters as Discord counts them towards the 8000: names, descriptions and choice values of the command and
 * everything below it; of a text with translations the longest one counts.
 */
export function commandLength(value: unknown): number {
  const item = asJson(value);
  const own = longest(item.name, item.name_localizations) + longest(item.description, item.description_localizations);
  const choices = asArray(item.choices).map(asJson);
  const ofChoices = choices.map(
    (choice) => longest(choice.name, choice.name_localizations) + asText(choice.value).length,
  );
  const ofOptions = asArray(item.options).map(commandLength);
  return [...ofChoices, ...ofOptions].reduce((sum, length) => sum + length, own);
}

function checkPermissions(spot: Spot, value: unknown): void {
  if (isAbsent(value)) return;
  if (!/^\d+$/.test(String(value))) spot.fail('BITFIELD_TYPE_INVALID', 'Must be a bitfield as a string of digits.');
}

/** Checks the declaration of one command (bulk overwrite, create, edit). */
export function checkCommand(spot: Spot, value: unknown): void {
  const command = checkObject(spot, value);
  if (!command) return;
  const isChatInput = isAbsent(command.type) || command.type === ApplicationCommandType.ChatInput;
  if (isChatInput) {
    checkLabels(spot, command);
    checkOptions(spot.at('options'), command.options, 0, null);
  } else {
    checkChoice(spot.at('type'), command.type, [1, 2, 3, 4]);
    checkText(spot.at('name'), command.name, { min: 1, max: COMMAND_LIMITS.name, required: true });
  }
  checkPermissions(spot.at('default_member_permissions'), command.default_member_permissions);
  const contexts = checkList(spot.at('contexts'), command.contexts, {
    min: isAbsent(command.contexts) ? 0 : 1,
    max: 3,
  });
  for (const [index, context] of contexts.entries()) checkChoice(spot.at('contexts').at(index), context, [0, 1, 2]);
  const installs = checkList(spot.at('integration_types'), command.integration_types, { max: 2 });
  for (const [index, install] of installs.entries())
    checkChoice(spot.at('integration_types').at(index), install, [0, 1]);
  if (commandLength(command) > COMMAND_LIMITS.total)
    spot.fail('APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${COMMAND_LIMITS.total})`);
}

/** Checks a bulk overwrite: every command, their number and their names. */
export function checkCommandList(spot: Spot, value: unknown): readonly Json[] {
  if (!Array.isArray(value)) {
    failRequired(spot);
    return [];
  }
  if (value.length > COMMAND_LIMITS.commands)
    spot.fail('BASE_TYPE_MAX_LENGTH', `Must be ${COMMAND_LIMITS.commands} or fewer in length.`);
  const names = new Set<string>();
  for (const [index, command] of value.entries()) {
    checkCommand(spot.at(index), command);
    const name = `${asJson(command).type ?? 1}:${asText(asJson(command).name)}`;
    if (names.has(name))
      spot.at(index).at('name').fail('APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique');
    names.add(name);
  }
  return value.map(asJson);
}
