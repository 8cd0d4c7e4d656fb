// Lays out large graphs beside the page, so that it never stands still.
import { layOut } from './layout.ts';

self.addEventListener('message', (event: MessageEvent<number[][]>) => self.postMessage(layOut(event.data)));
