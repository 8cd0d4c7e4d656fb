// `muster offline`: the offline model alone, for services that find it through ANTHROPIC_BASE_URL.
import { startOfflineModel } from '../offline/server.ts';
import { runService, type Service, type Voice } from './service.ts';

const offline: Service<{ url: string }> = {
  name: 'muster-offline',
  async start({ config, closers }) {
    const { url, close } = await startOfflineModel({ host: config.HOST, port: config.OFFLINE_PORT });
    closers.add(close);
    return { url };
  },
  banner: (_config, { url }) => `Offline model is up at ${url}: set MUSTER_MODEL=offline and ANTHROPIC_BASE_URL=${url}`,
  facts: ({ url }) => ({ url }),
};

export function runOffline(voice: Voice): Promise<void> {
  return runService(offline, voice);
}
