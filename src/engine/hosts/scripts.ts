import { type Phrase, say } from '../phrase.ts';

/** Scripts in use today (UAX #31, tables 5 and 7), but Han, kana, Hangul and Bopomofo, which are written together. */
const SINGLE =
  'Latn Cyrl Grek Arab Armn Beng Deva Ethi Geor Gujr Guru Hebr Khmr Knda Laoo Mlym Mymr Orya Sinh Taml Telu Thaa Thai ' +
  'Tibt Adlm Bali Bamu Batk Cakm Cans Cham Cher Hmnp Java Kali Lana Lepc Limb Lisu Mand Mtei Newa Nkoo Olck Osge Plrd ' +
  'Rohg Saur Sund Sylo Syrc Tale Talu Tavt Tfng Vaii Wcho Yiii';

/** Latin letters go with the scripts of East Asia (UTS #39 §5.2, highly restrictive). */
const TOGETHER = ['Latn Hani Hira Kana', 'Latn Hani Hang', 'Latn Hani Bopo'];

const allIn = (scripts: string) => {
  const classes = scripts.split(' ').map((script) => `\\p{scx=${script}}`);
  return new RegExp(`^[\\p{sc=Zyyy}\\p{sc=Zinh}${classes.join('')}]*$`, 'u');
};
/** In the order of how often they are met, so that the first mostly decides. */
let profiles: readonly RegExp[] | undefined;

/** Letters that look like Latin ones, without their accents. */
const LIKE_LATIN = [
  {
    letters: /^[асԁеһіјӏорԛѕԝхуүѵьгкпҽѡ0-9-]*$/u,
    any: /\p{sc=Cyrl}/u,
    warning: say`The name has Cyrillic letters that look like Latin ones; it may imitate another name.`,
  },
  {
    letters: /^[αικνορυχγωϲϳ0-9-]*$/u,
    any: /\p{sc=Grek}/u,
    warning: say`The name has Greek letters that look like Latin ones; it may imitate another name.`,
  },
  {
    letters: /^[օոհսցզքյ0-9-]*$/u,
    any: /\p{sc=Armn}/u,
    warning: say`The name has Armenian letters that look like Latin ones; it may imitate another name.`,
  },
];

const MIXED = say`The name mixes letters of different scripts; it may imitate another name.`;

function mixes(label: string): boolean {
  profiles ??= [...SINGLE.split(' '), ...TOGETHER].map(allIn);
  return !profiles.some((profile) => profile.test(label));
}

function imitation(label: string): Phrase | undefined {
  const bare = label.normalize('NFD').replace(/\p{M}/gu, '');
  return LIKE_LATIN.find(({ letters, any }) => any.test(bare) && letters.test(bare))?.warning;
}

/**
 * What to say of a name that may imitate another: a label whose letters are not of one script (UTS #39 §5.1), or a
 * label of letters that all look Latin below a Latin top-level domain.
 *
 * @param name in Unicode, lower case, with dots between its labels
 */
export function warnOfImitation(name: string): Phrase | undefined {
  const labels = name.split('.');
  const foreign = labels.filter((label) => /[^\x20-\x7e]/.test(label));
  if (foreign.some(mixes)) return MIXED;
  if (/[^\x20-\x7e]/.test(labels.at(-1) ?? '')) return undefined;
  return foreign.map(imitation).find((found) => found !== undefined);
}
