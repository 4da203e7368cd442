export const OWN_TOOLS: string;
export const PACKAGES: Record<string, string>;
export function hasTool(tool: string): boolean;
export function missingTools(): string[];
