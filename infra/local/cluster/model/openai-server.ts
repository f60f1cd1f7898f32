import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ModelCommand } from './model-command.ts';
import { standInAnswer, truncate, wordCount } from './stand-in.ts';

/** An answer of the model server: JSON, or a stream of server-sent events. */
export interface ModelAnswer {
  status: number;
  body?: unknown;
  /** `data:` payloads in order; the sender adds framing. */
  events?: string[];
  text?: string;
}

export interface ModelRequest {
  method: string;
  /** Path inside the server, without query. */
  path: string;
  body: unknown;
}

const completionSchema = z.looseObject({
  model: z.string().optional(),
  stream: z.boolean().nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
});
const contentSchema = z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]);
const chatSchema = completionSchema.extend({
  messages: z.array(z.looseObject({ role: z.string(), content: contentSchema.nullish() })).min(1),
});
const textSchema = completionSchema.extend({ prompt: z.union([z.string(), z.array(z.string())]) });
const legacySchema = z.looseObject({ prompt: z.string() });

/** Serves the OpenAI-compatible routes of vLLM that clients of a workspace use, and the older `/chat`. */
export function answerModelRequest(
  command: ModelCommand,
  request: ModelRequest,
  nowSeconds: number,
): ModelAnswer {
  const server = { command, created: Math.floor(nowSeconds) };
  const path = request.path.replace(/\/+$/, '') || '/';
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return command.engine === 'vllm' ? { status: 200 } : { status: 200, body: { status: 'Healthy' } };
    case 'GET /version':
      return { status: 200, body: { version: '0.0.0-stand-in' } };
    case 'GET /metrics':
      return {
        status: 200,
        text: `# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running{model_name="${command.servedName}"} 0\n`,
      };
    case 'GET /v1/models':
      return { status: 200, body: { object: 'list', data: [modelCard(server)] } };
    case 'POST /v1/chat/completions':
      return chat(server, request.body);
    case 'POST /v1/completions':
      return complete(server, request.body);
    case 'POST /chat':
      return legacyChat(server, request.body);
    default:
      return { status: 404, body: { detail: 'Not Found' } };
  }
}

interface Server {
  command: ModelCommand;
  created: number;
}

function modelCard({ command, created }: Server): Record<string, unknown> {
  const owner = command.engine === 'vllm' ? 'vllm' : 'kaito';
  return {
    id: command.servedName,
    object: 'model',
    created,
    owned_by: owner,
    root: command.model,
    parent: null,
    max_model_len: 4096,
  };
}

function chat(server: Server, body: unknown): ModelAnswer {
  const request = chatSchema.safeParse(body);
  if (!request.success) return badRequest(request.error);
  const unknown = unknownModel(server, request.data.model);
  if (unknown) return unknown;
  const prompt = request.data.messages.map(({ content }) => textOf(content)).join('\n');
  const last = textOf(request.data.messages.at(-1)?.content);
  const limit = request.data.max_completion_tokens ?? request.data.max_tokens ?? undefined;
  const { text, finishReason } = truncate(standInAnswer(server.command.servedName, last), limit);
  const id = `chatcmpl-${fingerprint(server, prompt)}`;
  const common = { id, created: server.created, model: server.command.servedName };
  if (request.data.stream !== true) {
    const message = { role: 'assistant', content: text, tool_calls: [] };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
    return {
      status: 200,
      body: { ...common, object: 'chat.completion', choices, usage: usage(prompt, text) },
    };
  }
  const chunk = (delta: Record<string, unknown>, finish: string | null): string =>
    JSON.stringify({
      ...common,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
  const words = pieces(text).map((content) => chunk({ content }, null));
  return {
    status: 200,
    events: [chunk({ role: 'assistant', content: '' }, null), ...words, chunk({}, finishReason), '[DONE]'],
  };
}

function complete(server: Server, body: unknown): ModelAnswer {
  const request = textSchema.safeParse(body);
  if (!request.success) return badRequest(request.error);
  const unknown = unknownModel(server, request.data.model);
  if (unknown) return unknown;
  const prompt = [request.data.prompt].flat().join('\n');
  const { text, finishReason } = truncate(
    standInAnswer(server.command.servedName, prompt),
    request.data.max_tokens ?? undefined,
  );
  const common = {
    id: `cmpl-${fingerprint(server, prompt)}`,
    object: 'text_completion',
    created: server.created,
    model: server.command.servedName,
  };
  if (request.data.stream !== true) {
    const choices = [{ index: 0, text, logprobs: null, finish_reason: finishReason }];
    return { status: 200, body: { ...common, choices, usage: usage(prompt, text) } };
  }
  const chunk = (part: string, finish: string | null): string =>
    JSON.stringify({ ...common, choices: [{ index: 0, text: part, logprobs: null, finish_reason: finish }] });
  return {
    status: 200,
    events: [...pieces(text).map((part) => chunk(part, null)), chunk('', finishReason), '[DONE]'],
  };
}

/** The route of early releases: `{"prompt": "..."}` in, `{"Result": "..."}` out. */
function legacyChat({ command }: Server, body: unknown): ModelAnswer {
  const request = legacySchema.safeParse(body);
  if (!request.success) return badRequest(request.error);
  return { status: 200, body: { Result: standInAnswer(command.servedName, request.data.prompt) } };
}

function unknownModel({ command }: Server, model: string | undefined): ModelAnswer | undefined {
  if (model === undefined || model === command.servedName) return undefined;
  const message = `The model \`${model}\` does not exist.`;
  return { status: 404, body: { error: { message, type: 'NotFoundError', param: 'model', code: 404 } } };
}

function badRequest(error: z.ZodError): ModelAnswer {
  return {
    status: 400,
    body: { error: { message: z.prettifyError(error), type: 'BadRequestError', param: null, code: 400 } },
  };
}

function textOf(content: z.infer<typeof contentSchema> | null | undefined): string {
  if (content === null || content === undefined) return '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join(' ');
}

function usage(prompt: string, answer: string): Record<string, number> {
  const [promptTokens, completionTokens] = [wordCount(prompt), wordCount(answer)];
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** Words with the space that follows them, as tokens arrive. */
function pieces(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}

function fingerprint({ command }: Server, prompt: string): string {
  return createHash('sha256').update(`${command.servedName}\n${prompt}`).digest('hex').slice(0, 32);
}
