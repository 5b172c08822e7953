/** A set of grants: what one user or role may do, and pass on. Frozen lists, changed by copying. */
import { type Action, actionsOf, covers, type ObjectPath } from './object-types.ts';

export interface Grant extends ObjectPath {
  readonly actions: readonly Action[];
  readonly withGrantOption: boolean;
}

export type Grants = readonly Grant[];

const isSame = (left: Grant, right: Grant): boolean =>
  left.type === right.type &&
  left.withGrantOption === right.withGrantOption &&
  left.path.length === right.path.length &&
  left.path.every((part, at) => part === right.path[at]);

/** What was granted before on the same object gets the new actions as well. */
export function withGrant(grants: Grants, added: Grant): Grants {
  const before = grants.find((one) => isSame(one, added));
  if (before === undefined) return [...grants, inOrder(added)];
  const both = inOrder({ ...before, actions: [...before.actions, ...added.actions] });
  return grants.map((one) => (one === before ? both : one));
}

/** Takes actions from an object, with and without grant option; `*` is an object of its own. */
export function withoutGrant(grants: Grants, taken: Grant): Grants {
  return grants.flatMap((one) => {
    const isMeant = [true, false].some((withGrantOption) =>
      isSame(one, { ...taken, withGrantOption }),
    );
    if (!isMeant) return [one];
    const actions = one.actions.filter((action) => !taken.actions.includes(action));
    return actions.length === 0 ? [] : [{ ...one, actions }];
  });
}

/** Whether one of the grants allows the action on the object. */
export function allows(grants: Grants, action: Action, wanted: ObjectPath): boolean {
  return grants.some((one) => one.actions.includes(action) && covers(one, wanted));
}

/** Whether any of the actions of its type is allowed on the object. */
export function allowsAny(grants: Grants, wanted: ObjectPath): boolean {
  return grants.some((one) => covers(one, wanted));
}

/** Whether the action may be passed on: granted WITH GRANT OPTION on the object or on all. */
export function allowsGranting(grants: Grants, action: Action, wanted: ObjectPath): boolean {
  return grants.some(
    (one) => one.withGrantOption && one.actions.includes(action) && covers(one, wanted),
  );
}

function inOrder(grant: Grant): Grant {
  const actions = actionsOf(grant.type).filter((action) => grant.actions.includes(action));
  return Object.freeze({ ...grant, actions });
}
