// Who must have worked when every kind of agent was called.
import { describe, expect, it } from 'vitest';
import { rollCallOf, troubleWith } from '../../scripts/roll-call.ts';

const analyst = { agent_id: 'agent_1', capabilities: ['data_analysis', 'code_generation'] };
const twin = { agent_id: 'agent_twin', capabilities: ['code_generation', 'data_analysis'] };
const coder = { agent_id: 'agent_coder', capabilities: ['code_generation'] };
const scraper = { agent_id: 'agent_2', capabilities: ['web_scraping'] };

const done = (doneBy: string | null, ...required_capabilities: string[]) => ({ doneBy, required_capabilities });

describe('the roll call', () => {
  it('has one subtask for each set of capabilities, in whatever order agents name them', () => {
    const { subtasks } = rollCallOf([analyst, twin, scraper]);
    expect(subtasks.map((subtask) => subtask.required_capabilities)).toEqual([
      ['code_generation', 'data_analysis'],
      ['web_scraping'],
    ]);
  });

  it('is a plan for any crew', () => {
    for (const { description } of rollCallOf([analyst, scraper]).subtasks)
      expect(description.length).toBeGreaterThan(9);
  });
});

describe('the use of the crew', () => {
  it('is right when everybody without a stand-in has worked', () => {
    const work = [done('agent_1', 'data_analysis'), done('agent_2', 'web_scraping')];
    expect(troubleWith([analyst, coder, scraper], work)).toEqual([]);
  });

  it('is wrong when somebody without a stand-in has not', () => {
    expect(troubleWith([analyst, scraper], [done('agent_1', 'data_analysis')])).toEqual([
      'agent_2 did nothing, though no other agent has web_scraping',
    ]);
  });

  it('may leave one of two twins idle', () => {
    expect(troubleWith([analyst, twin], [done('agent_twin', 'data_analysis')])).toEqual([]);
  });

  it('is wrong when an agent did what it is not capable of', () => {
    expect(troubleWith([coder], [done('agent_coder', 'web_scraping')])).toEqual([
      'agent_coder worked without having all of web_scraping',
    ]);
  });
});
