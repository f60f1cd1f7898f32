/** Where the demo writes: a terminal with a live area at its foot, or plain lines. */
export interface Screen {
  /** A line that stays. */
  print(line: string): void;
  /** Replaces the live area; without a terminal, prints the lines that changed. */
  show(lines: readonly string[]): void;
  /** Leaves the live area as it stands and goes on below it. */
  settle(): void;
}

/** As much of a terminal stream as a screen needs. */
export interface Output {
  isTTY?: boolean;
  columns: number;
  write(text: string): unknown;
}

export function createScreen(output: Output): Screen {
  return output.isTTY === true ? new LiveScreen(output) : new PlainScreen(output);
}

/** Redraws in place. Lines are cut to the width, since a wrapped line would break the count of lines to go up. */
class LiveScreen implements Screen {
  readonly #output: Output;
  #shown: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  print(line: string): void {
    const live = this.#shown;
    this.#output.write(`${this.#eraser()}${line}\n`);
    this.#shown = [];
    this.show(live);
  }

  show(lines: readonly string[]): void {
    // Some terminals do not know their width and say 0.
    const width = this.#output.columns > 20 ? this.#output.columns : 120;
    const cut = lines.map((line) => line.slice(0, width - 1));
    this.#output.write(`${this.#eraser()}${cut.map((line) => `${line}\n`).join('')}`);
    this.#shown = lines;
  }

  settle(): void {
    this.#shown = [];
  }

  #eraser(): string {
    return this.#shown.length === 0 ? '' : `\u001b[${this.#shown.length}A\u001b[0J`;
  }
}

class PlainScreen implements Screen {
  readonly #output: Output;
  #shown = new Set<string>();

  constructor(output: Output) {
    this.#output = output;
  }

  print(line: string): void {
    this.#output.write(`${line}\n`);
  }

  show(lines: readonly string[]): void {
    const known = this.#shown;
    this.#shown = new Set(lines.map(withoutAges));
    for (const line of lines) if (!known.has(withoutAges(line))) this.print(line);
  }

  settle(): void {
    this.#shown = new Set();
  }
}

/** Ages grow with every look; a line that differs in nothing else is no news. */
function withoutAges(line: string): string {
  return line.replaceAll(/\s*\(?\b\d+[dhms](\d+[hms])?\)?$/g, '').trimEnd();
}
