/** What stands where a secret was. */
export const redacted = '[redacted]';

interface SecretPattern {
  pattern: RegExp;
  replacement: string;
}

/** Shapes of secrets in free text; the part that tells what it was stays readable. */
const secretPatterns: SecretPattern[] = [
  {
    pattern: /\b(Bearer|Basic|SharedAccessSignature)\s+[A-Za-z0-9\-._~+/=&%]+/gi,
    replacement: `$1 ${redacted}`,
  },
  // JSON Web Tokens: three base64url parts, the first two of them JSON objects ("eyJ" is `{"`).
  { pattern: /\beyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]*/g, replacement: redacted },
  {
    pattern: /\b((?:Shared)?(?:Access|Account)Key|SharedAccessSignature|Password|pwd)\s*=\s*[^;\s"']+/gi,
    replacement: `$1=${redacted}`,
  },
  // Signatures in URLs: SAS (`sig`), ARM's signed operation URLs (`s`, `h`) and function keys (`code`).
  {
    pattern: /([?&](?:sig|s|h|code|access_token|client_secret|token)=)[^&\s"']+/gi,
    replacement: `$1${redacted}`,
  },
  { pattern: /\b(hf_|ghp_|sk-)[A-Za-z0-9]{16,}/g, replacement: `$1${redacted}` },
  {
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
    replacement: redacted,
  },
  {
    pattern:
      /\b((?:client-key-data|client_secret|token|access_token|password|authorization)"?\s*[:=]\s*"?)(?!\[redacted)[^\s",;&]{8,}/gi,
    replacement: `$1${redacted}`,
  },
];

const secretNames =
  /^(authorization|cookie|token|.*(token|secret|password|apikey|accesskey|accountkey|connectionstring|sas|signature))$/;
/** Names that end like a secret's but hold a position or a count. */
const harmlessNames: ReadonlySet<string> = new Set(['continuetoken', 'maxtoken']);

/** Text without tokens, SAS keys, connection-string keys and Authorization values. */
export function redactText(text: string): string {
  return secretPatterns.reduce(
    (clean, { pattern, replacement }) => clean.replaceAll(pattern, replacement),
    text,
  );
}

/** Whether a field of this name is dropped whatever it holds. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, '');
  return secretNames.test(plain) && !harmlessNames.has(plain);
}
