// "Read data from file", "list the files": reads with the tools and hands the text on to the steps that follow. A task
// without any such file is an answer, not a failure.
import { done, type Skill } from '../skill.ts';
import { chooseFile, fileNamed, listFiles, readText } from './file-text.ts';

const HANDED_ON_CHARACTERS = 20_000;

export const fileReading: Skill = {
  fits: ({ text }) =>
    /\b(?:read|load|open|import)\b/i.test(text) &&
    !/https?:\/\/|\bdatabase\b/i.test(text) &&
    (/\b(?:files?|data|documents?|csv|input)\b/i.test(text) || fileNamed(text) !== undefined),
  *run(work) {
    const paths = yield* listFiles(work);
    const path = chooseFile(work, paths);
    if (path === undefined) {
      const wanted = fileNamed(work.text);
      const missing = wanted === undefined ? 'There was no file' : `There was no file ${wanted}`;
      return done(`${missing} in the task's folder, so nothing was read.`, { found: false, files: paths });
    }
    const { text, truncated } = yield* readText(path);
    const cut = truncated || text.length > HANDED_ON_CHARACTERS;
    return done(`Read ${path}: ${text.length} characters in ${text.trimEnd().split('\n').length} lines.`, {
      found: true,
      path,
      content: text.slice(0, HANDED_ON_CHARACTERS),
      truncated: cut,
    });
  },
};

export const fileListing: Skill = {
  fits: ({ text }) => /\b(?:list|which|what|show)\b.*\bfiles\b/i.test(text),
  *run(work) {
    const paths = yield* listFiles(work);
    return done(paths.length === 0 ? 'The task has no files.' : `The task's files: ${paths.join(', ')}.`, {
      result: paths.length,
      files: paths,
    });
  },
};
