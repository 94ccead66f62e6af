// Asks again and again while somebody looks.

/// Calls `ask` now and again `period()` milliseconds after it ended, while the tab is visible and until `stop()`. Its failures
/// are its own business. `now()` asks at once, or again where it is being asked.
export function poll(ask, period) {
  let running = true;
  let timer = 0;
  let busy = false;
  let again = false;
  const turn = async () => {
    clearTimeout(timer);
    again = busy;
    if (!running || busy || document.hidden)
      return;
    busy = true;
    await ask().catch(() => {});
    busy = false;
    if (running)
      timer = setTimeout(turn, again ? 0 : period());
  };
  const look = () => { if (!document.hidden) turn(); };
  document.addEventListener('visibilitychange', look);
  turn();
  return {
    now: turn,
    stop() {
      running = false;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    },
  };
}
