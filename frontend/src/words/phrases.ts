// What sentences are made of.
import { formatCount } from '../domain/format';

export const plural = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

export const ordinal = (count: number): string => {
  const isTeen = count % 100 > 10 && count % 100 < 14;
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${formatCount(count)}${ending}`;
};

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** Long enough for what a scheduler says, short enough for a phone. */
const mostCharacters = 300;

export const shorten = (text: string): string => {
  const characters = Array.from(text);
  return characters.length <= mostCharacters
    ? text
    : `${characters.slice(0, mostCharacters - 1).join('')}…`;
};

/** What the server tells people, as a sentence. */
export const sentence = (message: string): string => asSentence(capitalize(shorten(message)));

/** The server's details are predicates (`has 9 bytes; the limit is 8`) or full sentences. */
export const about = (subject: string, detail: string): string =>
  asSentence(/^[a-z]/.test(detail) ? `${subject} ${detail}` : detail);
