#!/usr/bin/env node
// The `muster` executable: gives the program its process, and the process its exit code.
import { loadEnvFile } from '../config.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';

loadEnvFile();
process.exitCode = await run(process.argv.slice(2), processIo());
