import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { redactText } from '../telemetry/redact.ts';
import type { ErrorSign } from './error-signs.ts';
import { findSigns } from './error-signs.ts';
import type { ErrorPattern, ErrorRow } from './error-table.ts';
import { errorTable, statusTable } from './error-table.ts';
import type { HeaderReader } from './retry-after.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** An Azure error as it came: the body of an answer, or the error of an asynchronous operation or pool. */
export interface AzureErrorFacts {
  /** Any of the three shapes; undefined when there was none or it was no JSON. */
  body: unknown;
  /** HTTP status; absent for asynchronous failures. */
  status?: number;
  /** Text to fall back on when the body holds no message. */
  message?: string;
  header?: HeaderReader;
}

const maxMessage = 1024;

/** What an Azure error means for the one who asked. Never throws: what no row of the table knows is a passing fault. */
export function classifyAzureError(facts: AzureErrorFacts): ProvisioningFailure {
  const signs = findSigns(facts.body);
  const messages = [...new Set([...signs.map(({ message }) => message), facts.message ?? ''])];
  const text = messages.filter((message) => message !== '').join('\n');
  const situation: Situation = {
    signs,
    status: facts.status,
    text: `${signs.map(({ code }) => code).join(' ')}\n${text}`,
  };
  const row = errorTable.find(({ matches }) => matches.some((pattern) => isMet(pattern, situation)));
  return toFailure(row ?? rowByStatus(facts.status), situation, facts);
}

interface Situation {
  signs: ErrorSign[];
  status: number | undefined;
  /** All codes and messages, for the text patterns. */
  text: string;
}

function isMet({ codes, text, status }: ErrorPattern, situation: Situation): boolean {
  if (status !== undefined && situation.status !== status) return false;
  if (codes !== undefined && !situation.signs.some((sign) => hasCode(codes, sign))) return false;
  return text === undefined || text.test(situation.text);
}

function hasCode(codes: readonly string[], { code }: ErrorSign): boolean {
  return codes.some((one) => one.toLowerCase() === code.toLowerCase());
}

function rowByStatus(status: number | undefined): ErrorRow {
  const row = statusTable.find(({ from, to }) => status !== undefined && status >= from && status <= to);
  return row ?? unknownFailure;
}

const unknownFailure: ErrorRow = {
  code: 'UnknownFailure',
  class: 'retry',
  matches: [],
  remedy:
    "Look at the agent pool in the activity log of the cluster's resource group; Slipway tries again once.",
  retryAfterSeconds: 60,
};

function toFailure(
  row: ErrorRow,
  situation: Situation,
  { header, message }: AzureErrorFacts,
): ProvisioningFailure {
  const byHeader = header === undefined ? undefined : retryAfterSeconds(header);
  const usual =
    typeof row.retryAfterSeconds === 'function'
      ? row.retryAfterSeconds(situation.text)
      : row.retryAfterSeconds;
  const wait = byHeader ?? retryAfterIn(situation.text) ?? usual;
  return {
    class: row.class,
    code: row.code,
    message: shorten(redactText(tellingMessage(row, situation) ?? message ?? 'Azure gave no reason.')),
    remedy: typeof row.remedy === 'function' ? row.remedy(situation.text) : row.remedy,
    ...(wait === undefined ? {} : { retryAfterSeconds: wait }),
  };
}

/** The message beside the code that decided, else the innermost one. */
function tellingMessage(row: ErrorRow, { signs }: Situation): string | undefined {
  const codes = row.matches.flatMap((pattern) => pattern.codes ?? []);
  const telling = signs.filter(({ message }) => message !== '');
  return (telling.findLast((sign) => hasCode(codes, sign)) ?? telling.at(-1))?.message;
}

/** AKS throttling says "please retry again in X seconds". */
function retryAfterIn(text: string): number | undefined {
  const seconds = /retry (?:again )?(?:in|after) (\d+) seconds?/i.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function shorten(text: string): string {
  return text.length <= maxMessage ? text : `${text.slice(0, maxMessage)}...`;
}
