export interface Problem {
  /** `floors[0].rooms[3].outline`; empty when it concerns the whole. */
  path: string;
  /** What is wrong and what to write instead. */
  message: string;
}

export type Add = (path: string, message: string) => void;
