/**
 * ∫₀¹ cost(F_x⁻¹(u) − F_y⁻¹(u)) du, point i of n holding u from i/n to (i + 1)/n; x and y ascend. For a convex cost it is
 * the least mean cost of moving x to y.
 */
export function costOnLine(x: Float32Array, y: Float32Array, cost: (apart: number) => number): number {
  const [n, m] = [x.length, y.length];
  let sum = 0;
  // u in units of 1/(n·m), in which both steps are whole numbers
  for (let i = 0, j = 0, u = 0; i < n && j < m; ) {
    const next = Math.min((i + 1) * m, (j + 1) * n);
    sum += (next - u) * cost((x[i] as number) - (y[j] as number));
    if (next === (i + 1) * m) i++;
    if (next === (j + 1) * n) j++;
    u = next;
  }
  return sum / (n * m);
}
