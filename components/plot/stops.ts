/**
 * The frames at which a slider over a reverse process stops, as positions in `times` (descending from T to 0):
 * those nearest to t = T·(1 − u)² for `count` even steps of u, each once. Most of them lie near t = 0, where the
 * picture forms; the first frame and the last are always among them.
 */
export function stopsOf(times: ArrayLike<number>, count = 64): number[] {
  const last = times.length - 1;
  const largest = times[0] as number;
  const stops: number[] = [];
  for (let j = 0, frame = 0; j < count && last >= 0; j++) {
    const t = largest * (1 - j / (count - 1)) ** 2;
    while (
      frame < last &&
      Math.abs((times[frame + 1] as number) - t) <= Math.abs((times[frame] as number) - t)
    )
      frame++;
    if (stops.at(-1) !== frame) stops.push(frame);
  }
  if (stops.length > 0 && stops.at(-1) !== last) stops.push(last);
  return stops;
}
