const USAGE = `Usage: npm run bench -- [what] [options]

  engine         the scan engine beside nmap, on targets that it builds itself (the default; Linux, root, nmap)
  services       what is recognised behind open ports, beside nmap -sV, on real services (Debian's packages, nmap)
  acknowledge    how soon interactions are acknowledged under load, and memory, beside a bare discord.js bot
  answers        how soon hostile targets are answered

Each explains its options with --help.
`;

const BENCHES: Readonly<Record<string, () => Promise<unknown>>> = {
  engine: () => import('./engine.ts'),
  services: () => import('./services.ts'),
  acknowledge: () => import('./acknowledge.ts'),
  answers: () => import('./answers.ts'),
};

const [what = ''] = process.argv.slice(2);
const named = BENCHES[what];
if (named) {
  process.argv.splice(2, 1);
  await named();
} else if (what !== '' && !what.startsWith('-')) {
  process.stderr.write(`There is no benchmark ${what}.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  await import('./engine.ts');
}
