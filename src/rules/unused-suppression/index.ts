import { defineRule } from '../../rule.js';

export const unusedSuppression = defineRule(
  {
    id: 'unused-suppression',
    summary: 'A comment suppresses a finding that is not there.',
    severity: 'warning',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
    fix: 'safe',
    since: '0.1.0',
    references: [
      {
        title: 'nginx: Comments',
        url: 'https://nginx.org/en/docs/beginners_guide.html#conf_structure',
      },
      {
        title: 'httpd: Syntax of the configuration files',
        url: 'https://httpd.apache.org/docs/2.4/configuring.html#syntax',
      },
    ],
  },
  () => {
    // Whether a comment is of use is known when all rules have spoken: `src/suppress.ts` reports it.
  },
);
