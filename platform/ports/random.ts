/** The only source of randomness. Real platforms use the system's CSPRNG, simulated ones a seed. */
export interface Random {
  bytes(length: number): Buffer;
  /** Uniform in [0, 1). */
  float(): number;
}
