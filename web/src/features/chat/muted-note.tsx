// Tells a muted person so, where they would write.
export function MutedNote({ words }: { words: string | null }) {
  return (
    <p role="status">
      <bdi>{words}</bdi>
    </p>
  );
}
