import { createHash } from 'node:crypto';

/** The stand-in's answer: the same prompt to the same model always gets the same text, and the text says what it is. */
export function standInAnswer(model: string, prompt: string): string {
  const topic = keywords(prompt);
  const seed = createHash('sha256').update(`${model}\n${prompt}`).digest();
  const opening = pick(openings, seed.readUInt8(0));
  const closing = pick(closings, seed.readUInt8(1));
  const subject = topic.length === 0 ? 'what you sent' : topic.join(', ');
  return (
    `${opening} ${subject}. This answer comes from Slipway's local stand-in for ${model}: no weights are loaded, ` +
    `and the text is made from your prompt (${wordCount(prompt)} words). ${closing}`
  );
}

const openings = ['You asked about', 'Your question concerns', 'This is about', 'Here is a short word on'];
const closings = [
  'Deploy to a real cluster for a real answer.',
  'A GPU node would have more to say.',
  'The same prompt always gets this same reply.',
  'Everything around it, from the queue to the service, is the real path.',
];

const ordinary = new Set(
  'a an and are as at be by can could do does for from how i in is it me my of on or please tell that the this to was what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** Up to five distinct telling words of the prompt, in order. */
function keywords(prompt: string): string[] {
  const words = prompt.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'-]*/gu) ?? [];
  return [...new Set(words.filter((word) => !ordinary.has(word)))].slice(0, 5);
}

function pick(choices: string[], byte: number): string {
  return choices[byte % choices.length] ?? '';
}

/** Words as a rough count of tokens, for the usage figures. */
export function wordCount(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

/** Cuts an answer after `maxTokens` words. */
export function truncate(
  text: string,
  maxTokens: number | undefined,
): { text: string; finishReason: 'stop' | 'length' } {
  const words = text.split(' ');
  if (maxTokens === undefined || words.length <= maxTokens) return { text, finishReason: 'stop' };
  return { text: words.slice(0, maxTokens).join(' '), finishReason: 'length' };
}
