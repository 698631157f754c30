import { describe, expect, it } from 'vitest';
import { FeatureRoom } from './feature-room.ts';

const WIDTH = 3;

function read(room: FeatureRoom, length: number, first: number) {
  room.begin(WIDTH);
  for (let row = 0; row < length; row++) {
    const values = room.add(first + row);
    for (let c = 0; c < WIDTH; c++) values[room.end - WIDTH + c] = first + row + c / 10;
  }
  return room.take();
}

describe('room for feature rows', () => {
  it('keeps the rows of each series apart, however many they turn out to be', () => {
    const lengths = [3, 0, 5000, 1, 1024];
    const room = new FeatureRoom(lengths.length);
    const taken = lengths.map((length, s) => read(room, length, 10_000 * s));
    taken.forEach(({ length, closeTimeMs, values }, s) => {
      expect(length).toBe(lengths[s]);
      const times = Array.from({ length }, (_, row) => 10_000 * s + row);
      expect([...closeTimeMs]).toEqual(times);
      expect([...values]).toEqual(times.flatMap((time) => [time, time + 0.1, time + 0.2]));
    });
  });

  it('takes whole blocks for many series, and for few no more than they need', () => {
    const many = new FeatureRoom(800);
    const [a, b] = [read(many, 3300, 0), read(many, 3300, 0)];
    expect(a.values.buffer).toBe(b.values.buffer);
    const one = read(new FeatureRoom(1), 3300, 0);
    expect(one.values.buffer.byteLength).toBe(3300 * WIDTH * 8);
  });
});
