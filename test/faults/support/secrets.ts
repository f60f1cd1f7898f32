/** What must never be told (invariant I7): bearer tokens, shared access keys, whole Authorization headers. */
const secrets: readonly RegExp[] = [
  /SharedAccessKey=(?!\*|<|\[|redacted)[^;"\s]/i,
  /\bBearer\s+(?!\*|<|\[|redacted)[\w.~+/-]{6,}/i,
  /"?authorization"?\s*[:=]\s*"?(?!\*|<|\[|redacted)[\w.~+/-]{4,}/i,
  // The development credential's token, as a value: the word alone also stands for a kind of credential.
  /\btoken"?\s*[:=]\s*"?development\b/i,
];

/** The texts of `where` that hold a secret, shortened around it. */
export function findSecrets(where: string, texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    secrets.flatMap((pattern) => {
      const found = pattern.exec(text);
      return found === null
        ? []
        : [`${where}: ...${text.slice(Math.max(0, found.index - 40), found.index + 60)}...`];
    }),
  );
}
