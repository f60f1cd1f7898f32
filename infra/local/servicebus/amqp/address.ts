/** What a link is attached to. */
export type Address =
  | { kind: 'tokens' }
  | { kind: 'entity'; queue: string; isDeadLetters: boolean }
  | { kind: 'management'; queue: string; isDeadLetters: boolean };

/** Reads `q`, `q/$DeadLetterQueue`, `q/$management`, `q/$DeadLetterQueue/$management` and `$cbs`, whatever their case. */
export function parseAddress(address: string): Address {
  if (address.toLowerCase() === '$cbs') return { kind: 'tokens' };
  const management = cutSuffix(address, '/$management');
  const deadLetters = cutSuffix(management.rest, '/$deadletterqueue');
  return {
    kind: management.found ? 'management' : 'entity',
    queue: deadLetters.rest,
    isDeadLetters: deadLetters.found,
  };
}

function cutSuffix(text: string, suffix: string): { rest: string; found: boolean } {
  const found = text.toLowerCase().endsWith(suffix);
  return { rest: found ? text.slice(0, -suffix.length) : text, found };
}
