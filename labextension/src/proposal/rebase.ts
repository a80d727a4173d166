import { diff } from '@codemirror/merge';
import { ChangeSet, Text } from '@codemirror/state';

/** What makes one text out of another. */
function changesBetween(from: string, to: string): ChangeSet {
  const changes = diff(from, to).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    insert: to.slice(fromB, toB)
  }));
  return ChangeSet.of(changes, from.length, '\n');
}

/**
 * A proposal for a text that somebody else has changed since: both changes together.
 *
 * @returns null where both changed the same lines, so that a person has to say what is meant.
 */
export function rebased(original: string, proposal: string, now: string): string | null {
  if (now === original) {
    return proposal;
  }
  const ours = changesBetween(original, proposal);
  const theirs = changesBetween(original, now);
  const before = Text.of(original.split('\n'));
  let isDisputed = false;
  ours.iterChangedRanges((from, to) => {
    const lines = theirs.touchesRange(before.lineAt(from).from, before.lineAt(to).to);
    isDisputed ||= lines !== false;
  });
  return isDisputed
    ? null
    : ours
        .map(theirs)
        .apply(Text.of(now.split('\n')))
        .toString();
}
