import type { Phrase } from '../engine/phrase.ts';
import type { Markdown } from './markdown.ts';

/** Plain text where Discord formats nothing: our wording, or text that is the same in every language. */
export type Words = string | Phrase;

/** What a reply says, before it is fitted into a Discord message. Commands make cards; only the renderer knows embeds. */
export interface Card {
  readonly tone: Tone;
  readonly title: Markdown;
  /** One fact a line. What does not fit is cut at a line and counted; give `attachment` so that nothing is lost. */
  readonly lines?: readonly Markdown[];
  readonly sections?: readonly Section[];
  readonly footer?: Markdown;
  readonly buttons?: readonly Button[];
  /** Below the buttons, each in a row of its own; at most four. */
  readonly menus?: readonly Menu[];
  /** Sent when lines had to be cut, or always when it says so. */
  readonly attachment?: Attachment;
  /** Sent in any case; with the attachment at most ten. */
  readonly files?: readonly Attachment[];
  /** Shown large below the text. */
  readonly picture?: Picture;
}

/** Decides the colour; the words must say the same. */
export type Tone = 'good' | 'info' | 'notice' | 'danger' | 'refused' | 'failed';

export interface Section {
  readonly heading: Markdown;
  readonly lines: readonly Markdown[];
}

export interface Button {
  readonly label: Words;
  readonly style: 'primary' | 'secondary' | 'danger';
  /** `<command>:<action>:<opaque id>`, at most 100 characters; never a target. */
  readonly customId: string;
}

/** A list to choose one entry from. */
export interface Menu {
  readonly placeholder: Words;
  /** Like that of a {@link Button}. */
  readonly customId: string;
  /** One to 25; more are cut off. */
  readonly options: readonly MenuOption[];
}

export interface MenuOption {
  readonly label: Words;
  /** What the command gets, at most 100 characters, each once. */
  readonly value: string;
  readonly description?: Words;
}

export interface Attachment {
  /** File name, already free of anything but letters, digits, dot and hyphen. */
  readonly name: string;
  /** Sent even when nothing had to be cut. */
  readonly always?: boolean;
  /** Everything the card would say if it had room. Called at most once. */
  content(): string;
}

export interface Picture {
  /** File name, like that of an {@link Attachment}. */
  readonly name: string;
  /** The same in words, for who cannot see it; what is longer than Discord allows is cut. */
  readonly description: Words;
  readonly png: Uint8Array;
}
