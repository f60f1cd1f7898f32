import { z } from 'zod';

const watchEvent = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({
    metadata: z.looseObject({ resourceVersion: z.string().optional() }).optional(),
    status: z.unknown().optional(),
  }),
});
export type SeenEvent = z.infer<typeof watchEvent>;

/** Real milliseconds that an event may take to arrive. */
const longestWait = 30_000;

/** One answer of JSON lines, read as they come. */
export class WatchStream {
  readonly status: number;
  readonly headers: Headers;
  /** All so far, in order; text that is no event fails the stream. */
  readonly events: SeenEvent[] = [];
  /** Settles when the stream is over, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #abort: AbortController;
  #failure: Error | undefined;
  #over = false;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    this.ended = this.#read(response).finally(() => (this.#over = true));
  }

  static async open(url: string): Promise<WatchStream> {
    const abort = new AbortController();
    return new WatchStream(await fetch(url, { signal: abort.signal }), abort);
  }

  get over(): boolean {
    return this.#over;
  }

  /** What happened to the workspace, without heartbeats. */
  changes(): SeenEvent[] {
    return this.events.filter(({ type }) => type !== 'BOOKMARK');
  }

  /** Waits, in real time, until an event fits. Rejects when the stream ends or fails first. */
  async until(what: string, fits: (event: SeenEvent) => boolean): Promise<SeenEvent> {
    for (const deadline = Date.now() + longestWait; ;) {
      const found = this.events.find(fits);
      if (found !== undefined) return found;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#over) throw new Error(`the watch ended without: ${what}`);
      if (Date.now() > deadline) throw new Error(`no such event came: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Goes away, as a client whose connection breaks. */
  async leave(): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }

  async #read(response: Response): Promise<void> {
    let rest = '';
    try {
      for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.events.push(watchEvent.parse(JSON.parse(line)));
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failure = new Error('the watch broke', { cause: error });
    }
  }
}
