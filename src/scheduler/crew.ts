// The leader's live view of the agents: who is registered, and which attempts hold their slots. Registry and running rows
// are its sources; between two looks it counts its own claims.
import type { AgentStatus, RunningAttempt } from '../domain/agent.ts';
import { type Capability, maskOf } from '../domain/capability.ts';
import type { Seat } from '../domain/match.ts';
import type { RunningSubtask } from '../store/subtasks.ts';

/** After a longer pause between two looks (the bus was away, the machine slept), silence before it proves nothing. */
const GAP_MS = 10_000;
/** A member that has been gone for this long is dropped. */
const FORGET_MS = 600_000;

interface Member {
  status: AgentStatus;
  registered: boolean;
  /** Milliseconds of the leader's clock when its heartbeat was last seen to be a new one. */
  heardAt: number;
  /** The heartbeat at which it turned a subtask down: nothing more is sent before the next one. */
  refusedAt: string | null;
}

export class Crew {
  private readonly members = new Map<string, Member>();
  /** Attempt key → agent, for attempts that are claimed and not known to have ended. */
  private readonly claimed = new Map<string, string>();
  /** Attempts let go since the last reconciliation: rows read before may still call them running. */
  private readonly ended = new Set<string>();
  /** Those of them whose agent reported the end: it has freed the slot, whatever its last heartbeat still says. */
  private readonly freed = new Set<string>();
  /** Attempt key → when a heartbeat last named it, or when it was first seen running. */
  private readonly heldAt = new Map<string, number>();
  private lookedAt = 0;

  /** Takes over what the registry says now; `now` in milliseconds of the leader's clock. */
  update(registered: readonly AgentStatus[], now: number): void {
    if (now - this.lookedAt > GAP_MS) this.forgive(now);
    this.lookedAt = now;
    for (const member of this.members.values()) member.registered = false;
    for (const status of registered) this.hear(status, now);
    for (const [id, member] of this.members)
      if (!member.registered && now - member.heardAt > FORGET_MS) this.members.delete(id);
  }

  /** The same for some agents, of which those that are not in `registered` have left. */
  updateSome(agentIds: Iterable<string>, registered: readonly AgentStatus[], now: number): void {
    for (const id of agentIds) {
      const member = this.members.get(id);
      if (member) member.registered = false;
    }
    for (const status of registered) this.hear(status, now);
  }

  /** Replaces the claimed attempts by what the database says is running. */
  reconcile(running: readonly RunningSubtask[], now: number): void {
    const heldAt = new Map(this.heldAt);
    this.claimed.clear();
    this.heldAt.clear();
    for (const row of running) {
      const key = keyOf({ subtask_id: row.id, attempt: row.attempt });
      this.heldAt.set(key, heldAt.get(key) ?? now);
      if (!this.ended.has(key)) this.claimed.set(key, row.agent_id);
    }
    this.ended.clear();
    const said = new Set([...this.members.values()].flatMap(({ status }) => status.running.map(keyOf)));
    for (const key of this.freed) if (!said.has(key)) this.freed.delete(key);
  }

  hold(agentId: string, attempt: RunningAttempt): void {
    this.claimed.set(keyOf(attempt), agentId);
  }

  letGo(attempt: RunningAttempt): void {
    this.claimed.delete(keyOf(attempt));
    this.ended.add(keyOf(attempt));
  }

  /** Its agent reported the end. */
  free(attempt: RunningAttempt): void {
    this.letGo(attempt);
    this.freed.add(keyOf(attempt));
  }

  /** It turned a subtask down although it looked free: leave it alone until it reports again. */
  distrust(agentId: string): void {
    const member = this.members.get(agentId);
    if (member) member.refusedAt = member.status.last_heartbeat;
  }

  /** Its last known heartbeat, even when it has left the registry since. */
  find(agentId: string): AgentStatus | undefined {
    return this.members.get(agentId)?.status;
  }

  /** Milliseconds since its heartbeat was last a new one; null for an agent that was never seen. */
  unheardFor(agentId: string, now: number): number | null {
    const member = this.members.get(agentId);
    return member ? now - member.heardAt : null;
  }

  /** Milliseconds for which a registered agent has not named this attempt; 0 while it is not registered. */
  unheldFor(agentId: string, attempt: RunningAttempt, now: number): number {
    if (!this.members.get(agentId)?.registered) return 0;
    return now - (this.heldAt.get(keyOf(attempt)) ?? now);
  }

  seats(): Seat[] {
    const held = new Map<string, Set<string>>();
    for (const [key, agentId] of this.claimed) held.set(agentId, (held.get(agentId) ?? new Set()).add(key));
    return [...this.members.values()].map(({ status, registered, refusedAt }) => {
      // An attempt counts from our claim until both the database and the agent have let go of it.
      const said = status.running.map(keyOf).filter((key) => !this.freed.has(key));
      const running = new Set([...(held.get(status.agent_id) ?? []), ...said]).size;
      // One that had no free slot at its last heartbeat may have one by now; one that is stopping had one and said no.
      const takesMore = status.is_available || status.running.length >= status.slots;
      const reachable = registered && takesMore && refusedAt !== status.last_heartbeat;
      const free = reachable ? Math.max(0, status.slots - running) : 0;
      return { id: status.agent_id, has: maskOf(status.capabilities), free, running };
    });
  }

  /** The different sets of capabilities of those that are registered. */
  offered(): Capability[][] {
    const registered = [...this.members.values()].filter((member) => member.registered);
    return [...new Map(registered.map(({ status }) => [maskOf(status.capabilities), status.capabilities])).values()];
  }

  clear(): void {
    this.members.clear();
    this.claimed.clear();
    this.ended.clear();
    this.freed.clear();
    this.heldAt.clear();
  }

  private hear(status: AgentStatus, now: number): void {
    const known = this.members.get(status.agent_id);
    const isNew = known?.status.last_heartbeat !== status.last_heartbeat;
    const heardAt = known && !isNew ? known.heardAt : now;
    this.members.set(status.agent_id, { status, registered: true, heardAt, refusedAt: known?.refusedAt ?? null });
    for (const attempt of status.running) this.heldAt.set(keyOf(attempt), now);
  }

  /** Starts every count of silence again. */
  private forgive(now: number): void {
    this.heldAt.clear();
    for (const member of this.members.values()) member.heardAt = now;
  }
}

function keyOf(attempt: RunningAttempt): string {
  return `${attempt.subtask_id}:${attempt.attempt}`;
}
