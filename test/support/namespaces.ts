import { spawnSync } from 'node:child_process';

/** Whether this machine lets us have mounts and a network of our own: for a disk that is full, for a port scan. */
export const canUnshare = spawnSync('unshare', ['--mount', '--net', 'true']).status === 0;
