import { defineRule } from '../../rule.js';

export const invalidSuppression = defineRule(
  {
    id: 'invalid-suppression',
    summary: 'A comment that is to suppress a finding says it wrongly, so that it suppresses nothing.',
    severity: 'warning',
    dialects: ['nginx', 'apache', 'windows', 'dotnet'],
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
    // Comments are no part of the model: `src/suppress.ts` reports it when all rules have spoken.
  },
);
