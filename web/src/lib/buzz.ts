// A short vibration when a ballot is recorded, for those who do not look. Where a device has none, or its owner asks for calm, nothing.

const buzzMs = 40;

export function buzz(): void {
  if (typeof window === 'undefined' || !('vibrate' in navigator)) return;
  // Browsers report a vibration that no touch came before as an error.
  const touched = 'userActivation' in navigator && navigator.userActivation.hasBeenActive;
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (touched && !calm) navigator.vibrate(buzzMs);
}
