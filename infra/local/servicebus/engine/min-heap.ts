/** A binary heap: the smallest by `compare` comes out first. */
export class MinHeap<Item> {
  #items: Item[] = [];
  readonly #compare: (left: Item, right: Item) => number;

  constructor(compare: (left: Item, right: Item) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || first === undefined) return undefined;
    if (this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** Keeps only what `wanted` accepts. */
  retain(wanted: (item: Item) => boolean): void {
    // A sorted array is a valid heap.
    this.#items = this.#items.filter(wanted).sort(this.#compare);
  }

  #rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfLess(index, parent)) return;
      index = parent;
    }
  }

  #sink(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = this.#less(right, left) ? right : left;
      if (!this.#swapIfLess(child, index)) return;
      index = child;
    }
  }

  #less(left: number, right: number): boolean {
    const [a, b] = [this.#items[left], this.#items[right]];
    return a !== undefined && b !== undefined && this.#compare(a, b) < 0;
  }

  #swapIfLess(lower: number, upper: number): boolean {
    const [a, b] = [this.#items[lower], this.#items[upper]];
    if (a === undefined || b === undefined || this.#compare(a, b) >= 0) return false;
    this.#items[lower] = b;
    this.#items[upper] = a;
    return true;
  }
}
