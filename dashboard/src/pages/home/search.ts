// What the address of the home page holds: how far back the overview looks. A wrong value counts as none.
import { z } from 'zod';

export const homeSearch = z.object({ window: z.enum(['1h', '24h', '7d']).optional().catch(undefined) });
