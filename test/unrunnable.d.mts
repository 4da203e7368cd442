export function unrunnableSuites(): { file: string; tools: string[] }[];
