/** From a model to what is to be asked of the running server: each listener with each of its names. */
import type { Endpoint, Model, Question } from '../model/types.js';
import { type ProbeTarget, parseTarget } from '../probe/target.js';

export interface LiveQuestion {
  readonly model: Model;
  readonly listen: string;
  /** The address as the model is asked. */
  readonly question: Question;
  /** Where the listener itself can be reached from its machine. */
  readonly direct: ProbeTarget;
  readonly servername: string | null;
}

/** Each pair of address and name once, in the order of the model. */
export function questionsOf(model: Model): LiveQuestion[] {
  const found = new Map<string, LiveQuestion>();
  for (const endpoint of model.endpoints) {
    const direct = endpoint.role === 'server' ? reachable(endpoint) : undefined;
    if (direct === undefined) continue;
    for (const servername of namesOf(endpoint)) {
      const key = `${direct.text} ${servername}`;
      if (!found.has(key)) found.set(key, liveQuestion(model, endpoint, direct, servername));
    }
  }
  return [...found.values()];
}

interface Reachable {
  readonly text: string;
  readonly target: ProbeTarget;
}

function liveQuestion(model: Model, endpoint: Endpoint, direct: Reachable, servername: string | null): LiveQuestion {
  return {
    model,
    listen: endpoint.listen!,
    question: { connect: direct.text, ...(servername !== null && { servername }) },
    direct: direct.target,
    servername,
  };
}

/** A wildcard address is asked on loopback. */
function reachable({ listen }: Endpoint): Reachable | undefined {
  const text = listen?.replace(/^(?:\*|0\.0\.0\.0):/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
  const target = text === undefined ? undefined : parseTarget(text);
  return target === undefined ? undefined : { text: text!, target };
}

/** Names that a client can send; of a wildcard, one that it stands for. Regular expressions can't be turned round. */
function namesOf(endpoint: Endpoint): Array<string | null> {
  const names = endpoint.names.flatMap(name => {
    const concrete = name.startsWith('.') ? name.slice(1) : name.replace(/^\*\./, 'tlslint.').replace(/\.\*$/, '.test');
    // `_` is what nobody asks for.
    return /^[\w-]+(?:\.[\w-]+)*$/.test(concrete) && !/^[\d._]+$/.test(concrete) ? [concrete] : [];
  });
  return endpoint.default ? [null, ...names] : names;
}
