import { AirherdError } from '../../protocol/errors.ts';
import type { Command, Reply } from '../../protocol/messages/command.ts';
import type { Producer } from '../producer.ts';

export type CommandResult = NonNullable<Reply['result']>;
/** Carries a command out. An AirherdError is answered with its code. */
export type CommandHandler = (args: Command['args']) => Promise<CommandResult>;
export type CommandHandlers = Partial<Record<Command['name'], CommandHandler>>;

/** A cloud may deliver a command twice; so many answers are remembered. */
const REMEMBERED = 256;

/** Answers every command on `reply`, and a command that comes again with the same answer. */
export function createCommands(
  serial: string,
  producer: Producer,
  handlers: CommandHandlers,
): (command: Command) => Promise<void> {
  const answers = new Map<string, Promise<Pick<Reply, 'ok' | 'code' | 'result'>>>();

  async function carryOut({ name, args }: Command): Promise<Pick<Reply, 'ok' | 'code' | 'result'>> {
    try {
      const handler = handlers[name];
      if (!handler) throw new AirherdError('command-unknown', { serial, name });
      return { ok: true, result: await handler(args) };
    } catch (error) {
      const known = error instanceof AirherdError;
      const detail = error instanceof Error ? error.message : String(error);
      return { ok: false, code: known ? error.code : 'internal', result: { detail: detail.slice(0, 255) } };
    }
  }

  return async (command) => {
    let answer = answers.get(command.id);
    if (!answer) {
      answer = carryOut(command);
      answers.set(command.id, answer);
      const [oldest] = answers.keys();
      if (answers.size > REMEMBERED) answers.delete(oldest);
    }
    await producer.produce('reply', { class: 'device', id: command.id, ...(await answer) });
  };
}
