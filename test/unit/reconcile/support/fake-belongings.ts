import type { Belongings, OwnedObject } from '../../../../shared/kubernetes/cluster.ts';

/** Objects of ours in memory. */
export class FakeBelongings implements Belongings {
  objects: OwnedObject[] = [];
  notes: Record<string, string> = {};

  list(): Promise<OwnedObject[]> {
    return Promise.resolve([...this.objects]);
  }

  remove(object: OwnedObject): Promise<boolean> {
    const there = this.objects.some(({ uid }) => uid === object.uid);
    this.objects = this.objects.filter(({ uid }) => uid !== object.uid);
    return Promise.resolve(there);
  }

  recall(): Promise<Record<string, string>> {
    return Promise.resolve(this.notes);
  }

  note(since: Readonly<Record<string, string>>): Promise<void> {
    this.notes = { ...since };
    return Promise.resolve();
  }
}
