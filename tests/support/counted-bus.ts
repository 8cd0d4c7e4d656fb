// A bus that counts what is subscribed and not yet given back.
import type { Bus, NoticeName } from '../../src/bus/bus.ts';

export function countSubscriptions(bus: Bus) {
  const open: NoticeName[] = [];
  const counting: Bus = Object.assign(Object.create(bus), {
    subscribe: async (...[notice, listener]: Parameters<Bus['subscribe']>) => {
      const stop = await bus.subscribe(notice, listener);
      open.push(notice);
      return () => {
        open.splice(open.indexOf(notice), 1);
        stop();
      };
    },
  });
  return {
    bus: counting,
    /** Of these notices, or of all. */
    open: (...notices: NoticeName[]) =>
      open.filter((notice) => notices.length === 0 || notices.includes(notice)).length,
  };
}
