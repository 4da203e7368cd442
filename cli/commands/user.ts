import type { Command } from 'commander';
import { userAdd } from './user/add.ts';
import { userList } from './user/list.ts';
import { userRemove } from './user/remove.ts';

/** People who sign in. Through the API, so that each change is in the audit log. */
export function user(program: Command): void {
  const group = program.command('user').description('people who may sign in to the cloud, and their roles');
  for (const register of [userAdd, userList, userRemove]) register(group);
}
