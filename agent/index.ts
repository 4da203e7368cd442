export { type Agent, createAgent } from './agent.ts';
export { parseCloudUrl } from './cloud-address.ts';
export { type AgentConfig, type AgentConfigInput, parseConfig } from './config.ts';
export { layerConfig } from './config-layers.ts';
export type { AgentEvent, AgentOptions } from './options.ts';
export type { SessionState } from './session.ts';
