/** The Fréchet distance between clouds of features. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { type Cloud, cloudsOf, type Points } from "./cloud.js";

/**
 * d² = ‖μ_a − μ_b‖² + tr(Σ_a + Σ_b − 2 (Σ_a Σ_b)^½): the squared 2-Wasserstein distance of the normals with the
 * clouds' means and covariances. Of features of a net it is the score of Heusel et al. 2017, arXiv 1706.08500. Throws
 * where a cloud has fewer than two points, a number that is not finite, or another dimension.
 */
export function frechetDistance(a: Points, b: Points): number {
  const [x, y] = cloudsOf("frechetDistance", a, b);
  for (const { count } of [x, y])
    if (count < 2) throw new Error(`frechetDistance: takes two points at least but receives ${count}`);
  const [p, q] = [momentsOf(x), momentsOf(y)];
  const apart = p.mean.reduce((sum, m, i) => sum + (m - (q.mean[i] as number)) ** 2, 0);
  // tr (Σ_a Σ_b)^½ = tr (Σ_a^½ Σ_b Σ_a^½)^½, and that matrix is symmetric
  const root = squareRoot(p.covariance);
  const inner = eigen(root.mmul(q.covariance).mmul(root));
  const cross = inner.values.reduce((sum, v) => sum + Math.sqrt(Math.max(0, v)), 0);
  return Math.max(0, apart + p.covariance.trace() + q.covariance.trace() - 2 * cross);
}

interface Moments {
  readonly mean: readonly number[];
  readonly covariance: Matrix;
}

/** The mean, and the covariance with n − 1 for its divisor. */
function momentsOf({ count, dims, data }: Cloud): Moments {
  const mean = new Array<number>(dims).fill(0);
  for (let i = 0; i < data.length; i++)
    mean[i % dims] = (mean[i % dims] as number) + (data[i] as number) / count;
  const centred = new Matrix(count, dims);
  for (let i = 0; i < data.length; i++)
    centred.set(Math.floor(i / dims), i % dims, (data[i] as number) - (mean[i % dims] as number));
  return {
    mean,
    covariance: centred
      .transpose()
      .mmul(centred)
      .div(count - 1),
  };
}

/** The eigenvalues and eigenvectors of a symmetric matrix; rounding has left it nearly so. */
function eigen(matrix: Matrix): { readonly values: readonly number[]; readonly vectors: Matrix } {
  const symmetric = Matrix.add(matrix, matrix.transpose()).div(2);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  return { values: realEigenvalues, vectors: eigenvectorMatrix };
}

/** The symmetric root of a positive semidefinite matrix. */
function squareRoot(matrix: Matrix): Matrix {
  const { values, vectors } = eigen(matrix);
  return vectors.mmul(Matrix.diag(values.map((v) => Math.sqrt(Math.max(0, v))))).mmul(vectors.transpose());
}
